import { describe, expect, it } from 'vitest'
import { keyslot, keyslotJson, serve } from './keyslot-process'
import { scratchStore } from './scratch-folder'

interface Why {
  readonly refusal: string | null
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[]
}

async function openShop(...terms: string[]) {
  const { args } = scratchStore()
  const server = await serve(...args)
  const { url, productId, publishableToken } = server.line
  const { key } = await keyslotJson<{ key: string }>('license', 'create', ...terms, ...args)
  const send = async (path: string, hostId: string) => {
    const headers = { Authorization: `Bearer ${publishableToken}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ productId, licenseKey: key, hostId })
    const { status } = await fetch(url + path, { method: 'POST', headers, body })
    return status
  }
  return { server, key, args, send, why: () => keyslotJson<Why>('license', 'why', key, ...args) }
}

describe('a customer says that the limit is reached', () => {
  it('one command shows who has the slots, who was refused, and one frees a slot', async () => {
    const { server, key, args, send, why } = await openShop('--max-activations', '1')
    expect(await why()).toMatchObject({ refusal: null })
    expect(await send('/key/activate', 'old-laptop')).toBe(200)
    expect(await send('/key/activate', 'new-laptop')).toBe(403)

    expect(await why()).toMatchObject({
      refusal: 'ACTIVATION_LIMIT_REACHED',
      events: [
        { type: 'license.refused', data: { hostId: 'new-laptop', code: 'ACTIVATION_LIMIT_REACHED' } },
        { type: 'license.activated', data: { hostId: 'old-laptop' } },
        { type: 'license.created' },
      ],
    })
    const { code, stdout } = await keyslot('license', 'why', key, ...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^A new host would be refused: ACTIVATION_LIMIT_REACHED\. Every .+ Free a device/)
    expect(stdout).toMatch(/^old-laptop .+ active/m)
    expect(stdout).toMatch(/license\.refused .+ hostId: new-laptop, code: ACTIVATION_LIMIT_REACHED$/m)

    const freed = await keyslot('license', 'free', key, '--host-id', 'old-laptop', ...args)
    expect(freed).toMatchObject({ code: 0, stdout: 'The slot of host old-laptop is free.\n', stderr: '' })
    expect(await send('/key/activate', 'new-laptop')).toBe(200)
    const [latest, before] = (await why()).events
    expect(latest).toMatchObject({ type: 'license.activated', data: { hostId: 'new-laptop' } })
    expect(before).toMatchObject({ type: 'license.deactivated', data: { hostId: 'old-laptop' } })
    await server.stop()
  })

  it('the seat of a workstation that has crashed is ended by its session', async () => {
    const { server, key, args, send, why } = await openShop('--floating', '--seats', '1')
    expect(await send('/key/checkout', 'crashed')).toBe(200)
    expect(await send('/key/checkout', 'waiting')).toBe(403)
    expect(await why()).toMatchObject({ refusal: 'ACTIVATION_LIMIT_REACHED' })
    const { sessions } = await keyslotJson<{ sessions: readonly { id: string; hostId: string }[] }>(
      'license',
      'show',
      key,
      ...args,
    )
    expect(sessions).toMatchObject([{ hostId: 'crashed' }])
    const id = sessions[0]?.id ?? ''
    expect((await keyslot('license', 'show', key, ...args)).stdout).toContain(id)
    await keyslotJson('license', 'free', key, '--session', id, ...args)
    expect(await why()).toMatchObject({
      refusal: null,
      events: [{ type: 'session.ended', data: { byVendor: true } }, {}, {}, {}],
    })
    expect(await send('/key/checkout', 'waiting')).toBe(200)
    expect(await keyslot('license', 'free', key, '--session', id, ...args)).toMatchObject({ code: 1 })
    await server.stop()
  })

  it('a blocked license is refused for that, however many slots are free', async () => {
    const { server, key, args, why } = await openShop()
    await keyslotJson('license', 'block', key, ...args)
    expect(await why()).toMatchObject({ refusal: 'LICENSE_BLOCKED' })
    expect(await keyslot('license', 'free', key, ...args)).toMatchObject({ code: 2 })
    await server.stop()
  })
})
