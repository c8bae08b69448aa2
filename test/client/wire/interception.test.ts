import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { LicenseError, LicenseKitOptions } from '../../../src/client'
import { createCertificate } from '../certificate'
import { createDesk } from '../desk'
import { startProxy } from '../fake-proxy'
import { LICENSE_KEY } from '../token-factory'

const ENDINGS: (() => void)[] = []

afterEach(() => {
  for (const end of ENDINGS.splice(0)) end()
})

/** Somebody on the way who opens TLS with a certificate of their own, and would pass on what is asked. */
async function setUp() {
  const desk = await createDesk({ dangerouslyAllowPlainHttp: false })
  const certificate = createCertificate('licenses.test')
  const asked: string[] = []
  const inspector = createServer(certificate, async (request, response) => {
    asked.push(String(request.headers.authorization))
    const { host: _, 'content-length': __, ...headers } = request.headers
    const body = await new Response(request).text()
    const answer = await fetch(desk.server.url.replace('/licensing', request.url ?? ''), {
      method: 'POST',
      body,
      headers: headers as Record<string, string>,
    })
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  })
  await new Promise<void>((resolve) => inspector.listen(0, '127.0.0.1', resolve))
  ENDINGS.push(
    () => inspector.close(),
    () => inspector.closeAllConnections(),
  )
  const { port } = inspector.address() as AddressInfo
  const start = (more: Partial<LicenseKitOptions> = {}, host = '127.0.0.1') =>
    desk.start({ serverUrl: `https://${host}:${port}/licensing`, ...more })
  return { start, asked, certificate }
}

async function refused(work: Promise<unknown>): Promise<LicenseError> {
  return await work.then(
    () => expect.fail('should have thrown'),
    (error: LicenseError) => error,
  )
}

/** As Node 22.15 and later tell what the system trusts. */
function systemTrusts(cert: string): void {
  const told = (kind: string) => (kind === 'system' ? [cert] : [...tls.rootCertificates])
  const original = Object.getOwnPropertyDescriptor(tls, 'getCACertificates')
  Object.defineProperty(tls, 'getCACertificates', { value: told, configurable: true })
  ENDINGS.push(() => {
    if (original === undefined) Reflect.deleteProperty(tls, 'getCACertificates')
    else Object.defineProperty(tls, 'getCACertificates', original)
  })
}

describe('TLS that is opened on the way', () => {
  it('is named by who issued the certificate, and gets nothing to read', async () => {
    const { start, asked } = await setUp()
    const error = await refused(start().activate(LICENSE_KEY))
    expect(error).toMatchObject({ code: 'CONNECTION_INTERCEPTED', detail: { issuer: 'keyslot test' } })
    expect(error.message).toContain('“keyslot test”')
    expect(asked).toEqual([])
  })

  it('is named so through a proxy, too', async () => {
    const { start, asked } = await setUp()
    const proxy = await startProxy()
    const error = await refused(start({ proxy: proxy.url }, 'licenses.test').activate(LICENSE_KEY))
    expect(proxy.tunnels).toHaveLength(1)
    expect(error).toMatchObject({ code: 'CONNECTION_INTERCEPTED', detail: { issuer: 'keyslot test' } })
    expect(asked).toEqual([])
  })

  it('passes where the system trusts it, as a browser would let it pass', async () => {
    const { start, asked, certificate } = await setUp()
    systemTrusts(certificate.cert)
    expect(await start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(asked).toHaveLength(1)
  })

  it('does not pass with a certificate that the system does not trust, however it calls itself', async () => {
    const { start, asked } = await setUp()
    systemTrusts(createCertificate('licenses.test').cert)
    expect(await refused(start().activate(LICENSE_KEY))).toMatchObject({ code: 'CONNECTION_INTERCEPTED' })
    expect(asked).toEqual([])
  })

  it('ends no license, and is remembered as what happened last', async () => {
    const { start, certificate } = await setUp()
    systemTrusts(certificate.cert)
    const kit = start()
    await kit.activate(LICENSE_KEY)
    systemTrusts(createCertificate('other.test').cert)
    expect(await kit.refresh()).toMatchObject({
      status: 'valid',
      usable: true,
      lastContact: { code: 'CONNECTION_INTERCEPTED' },
    })
  })
})
