import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import type { Licensing } from 'keyslot/server'
import { describe, expect, it, vi } from 'vitest'
import { behind } from '../actions'
import { type Mount, startFixture } from '../harness'

/** What is said of the proxy when requests come, with headers that one might have added. */
async function told(trustProxy: unknown, headers: Record<string, string>): Promise<readonly string[]> {
  const warn = vi.fn<(message: string) => void>()
  const fixture = await startFixture(behind(trustProxy), { logger: { warn, error: () => {} } })
  for (let count = 0; count < 3; count++) await fetch(`${fixture.url}/healthz`, { headers })
  await fixture.close()
  return warn.mock.calls.flat().filter((message) => /proxy/.test(message))
}

describe('of the proxy before it the server says once', () => {
  const forwarded = { 'X-Forwarded-For': '198.51.100.1' }

  it('that X-Forwarded-For comes and is not trusted', async () => {
    const [message, ...more] = await told(undefined, forwarded)
    expect(message).toContain('came with X-Forwarded-For, which is not trusted')
    expect(more).toEqual([])
    expect(await told(false, forwarded)).toHaveLength(1)
  })

  it('that it trusts everybody', async () => {
    const [message, ...more] = await told(true, {})
    expect(message).toContain('every caller chooses its own address')
    expect(more).toEqual([])
  })

  it('nothing where all is well', async () => {
    expect(await told(1, forwarded)).toEqual([])
    expect(await told('loopback', forwarded)).toEqual([])
    expect(await told(undefined, {})).toEqual([])
  })
})

describe('behind a Unix socket that tells no address', () => {
  it('nobody is locked out by what others ask, and it is said once', async () => {
    const warn = vi.fn<(message: string) => void>()
    let licensing: Licensing | undefined
    const keep: Mount = {
      ...behind(undefined),
      mount(_app, made) {
        licensing = made
      },
    }
    const fixture = await startFixture(keep, {
      rateLimits: { unauthenticatedPerAddress: 3, openPerAddress: 3 },
      logger: { warn, error: () => {} },
    })
    const app = express()
    if (licensing !== undefined) app.use('/licensing', licensing.router as unknown as express.RequestHandler)
    const server = createServer(app)
    const socketPath = join(tmpdir(), `keyslot-${process.pid}.sock`)
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    const ask = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ socketPath, path }, (answer) => resolve(answer.resume().statusCode))
          .on('error', reject)
          .end()
      })
    const seen = []
    for (let count = 0; count < 9; count++) seen.push(await ask('/licensing/.well-known/jwks.json'))
    for (let count = 0; count < 9; count++) seen.push(await ask('/licensing/key?licenseKey=a&productId=b'))
    expect(seen).toEqual([...Array(9).fill(200), ...Array(9).fill(401)])
    expect(warn.mock.calls.flat().filter((message) => message.includes('no address'))).toHaveLength(1)
    await new Promise((resolve) => server.close(resolve))
    await fixture.close()
  })
})
