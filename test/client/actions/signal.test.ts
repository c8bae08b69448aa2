import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { LicenseKit, WaitOptions } from '../../../src/client'
import { createDesk } from '../desk'
import { LICENSE_KEY } from '../token-factory'

const REASON = new Error('the person has closed the window')

const CALLS: Record<string, (kit: LicenseKit, options: WaitOptions) => Promise<unknown>> = {
  activate: (kit, options) => kit.activate(LICENSE_KEY, options),
  startTrial: (kit, options) => kit.startTrial(options),
  refresh: (kit, options) => kit.refresh(options),
  deactivate: (kit, options) => kit.deactivate(options),
  devices: (kit, options) => kit.devices(LICENSE_KEY, options),
  freeDevice: (kit, options) => kit.freeDevice('act_1', LICENSE_KEY, options),
  checkout: (kit, options) => kit.floating.checkout(LICENSE_KEY, options),
}

/** A kit with a license, whose server takes every request and answers none. */
async function hanging() {
  const desk = await createDesk({ tryTimeoutMs: 5_000, deactivateTimeoutMs: 5_000, maxTries: 3 })
  await desk.start().activate(LICENSE_KEY)
  let closed = 0
  desk.server.fault = (response) => {
    response.on('close', () => {
      closed += 1
    })
    return true
  }
  return { ...desk, kit: desk.start(), asked: desk.server.requests.length, closed: () => closed }
}

describe.each(Object.entries(CALLS))('%s', (name, call) => {
  it('ends when its signal is aborted, with its reason', async () => {
    const { kit, server, asked } = await hanging()
    const aborter = new AbortController()
    const begun = performance.now()
    const work = call(kit, { signal: aborter.signal })
    const failed = expect(work).rejects.toBe(REASON)
    await expect.poll(() => server.requests.length).toBeGreaterThan(asked)
    aborter.abort(REASON)
    await failed
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  it('does nothing where it is aborted already', async () => {
    const { kit, server, asked } = await hanging()
    await expect(call(kit, { signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON)
    expect(server.requests).toHaveLength(asked)
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })

  it('works with a signal that nobody aborts, and leaves no listener on it', async () => {
    const desk = await createDesk()
    await desk.start().activate(LICENSE_KEY)
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1
      removeEventListener.apply(signal, args)
    }
    const session = await call(desk.start(), { signal }).catch(() => undefined)
    expect(listeners).toBe(0)
    if (name === 'checkout') await (session as { checkin(): Promise<unknown> }).checkin()
  })
})

describe('an aborted call', () => {
  it.each(['activate', 'devices'])('%s ends its request, and makes no further one', async (name) => {
    const { kit, server, closed } = await hanging()
    const aborter = new AbortController()
    const asked = server.requests.length
    const work = CALLS[name]?.(kit, { signal: aborter.signal }).catch(() => undefined)
    await expect.poll(() => server.requests.length).toBe(asked + 1)
    aborter.abort()
    await work
    await expect.poll(closed).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(server.requests).toHaveLength(asked + 1)
  })

  it('deactivate has cleared the license, and kept its ticket', async () => {
    const { kit, server, asked, dataDir } = await hanging()
    const aborter = new AbortController()
    const work = kit.deactivate({ signal: aborter.signal }).catch(() => undefined)
    await expect.poll(() => server.requests.length).toBeGreaterThan(asked)
    aborter.abort()
    await work
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
    const ticket = expect.stringMatching(/\.ticket$/)
    const files = await readdir(dataDir)
    expect(files).toContainEqual(ticket)
    expect(files).not.toContain('license.json')
    // The key stays while an answer may say that the slot goes on without its user.
    await expect.poll(() => readdir(dataDir), { timeout: 10_000 }).toEqual([ticket])
  })
})
