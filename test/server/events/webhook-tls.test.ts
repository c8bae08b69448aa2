import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childScript } from '../../child-script'

const certificate = (file: string) => fileURLToPath(new URL(`./certificate/${file}`, import.meta.url))
const cert = certificate('cert.pem')

describe('a webhook over https', () => {
  let server: Server
  let port: number
  let requests = 0

  beforeAll(async () => {
    server = createServer({ key: readFileSync(certificate('key.pem')), cert: readFileSync(cert) }, (_, res) => {
      requests++
      res.writeHead(204).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve))
  })

  /** In a process of its own, for Node reads whom it trusts when it starts. */
  async function send(env: Record<string, string>): Promise<unknown> {
    const script = await childScript(fileURLToPath(new URL('./webhook-tls-client.ts', import.meta.url)))
    const urls = [`https://hooks.example:${port}/`, `https://other.example:${port}/`]
    const options = { env: { ...process.env, ...env } }
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...urls], options)
    return JSON.parse(stdout)
  }

  it('reaches whom a trusted certificate names, and nobody else', async () => {
    const wrongName = { ok: false, error: 'failed: ERR_TLS_CERT_ALTNAME_INVALID' }
    expect(await send({ NODE_EXTRA_CA_CERTS: cert })).toEqual([{ ok: true }, wrongName])
    expect(requests).toBe(1)
  })

  it('checks certificates whatever the environment says', async () => {
    requests = 0
    const untrusted = { ok: false, error: 'failed: DEPTH_ZERO_SELF_SIGNED_CERT' }
    expect(await send({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([untrusted, untrusted])
    expect(requests).toBe(0)
  })
})
