import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { isGoodAt } from '../../../src/client/wire/proxy/dated-certificate'
import { secure } from '../../../src/client/wire/proxy/secure'
import { der, type Issued, issueCertificate } from '../certificate'
import { createDesk } from '../desk'
import { codeOf } from '../error-code'
import { createSigningKey, LICENSE_KEY } from '../token-factory'

const ENDINGS: (() => void)[] = []

afterEach(() => {
  for (const end of ENDINGS.splice(0)) end()
})

/** As if this computer's clock stood decades before: the certificates are good in the 2040s only. */
const FORTIES = { from: '400101000000Z', to: '491231235959Z' }
const IN_2045 = Date.UTC(2045, 0, 1) / 1000
const IN_2055 = Date.UTC(2055, 0, 1) / 1000
const SERVER = { names: ['licenses.test'], called: 'the server', isAuthority: false, ...FORTIES }
const OF_CLIENTS = der(0x30, der(0x06, Buffer.from('2b06010505070302', 'hex')))

function systemTrusts(...certs: string[]): void {
  const original = Object.getOwnPropertyDescriptor(tls, 'getCACertificates')
  const value = (kind: string) => (kind === 'system' ? certs : [...tls.rootCertificates])
  Object.defineProperty(tls, 'getCACertificates', { value, configurable: true })
  ENDINGS.push(() => {
    if (original === undefined) Reflect.deleteProperty(tls, 'getCACertificates')
    else Object.defineProperty(tls, 'getCACertificates', original)
  })
}

async function listening(server: tls.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ENDINGS.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const root = issueCertificate({ called: 'root', ...FORTIES })
const middle = issueCertificate({ called: 'middle', by: root, ...FORTIES })
const under = (by: Issued, more: object = {}) => [issueCertificate({ ...SERVER, by, ...more }), by]

/** As the wall clock, which is wrong, likes it. */
const TWENTIES = { from: '200101000000Z', to: '391231235959Z' }
const rootOfNow = issueCertificate({ called: 'root of now', ...TWENTIES })

describe('a certificate that is good by the wall clock', () => {
  it.each<[string, number | 'never' | undefined, boolean]>([
    ['is taken where no time was told', undefined, true],
    ['is taken where only the dates of others are put off', 'never', true],
    ['is not taken where it is over by the time that was told', IN_2045, false],
    ['is taken where it is good by that, too', Date.UTC(2030, 0, 1) / 1000, true],
  ])('%s', async (_, at, isTaken) => {
    systemTrusts(rootOfNow.cert)
    const leaf = issueCertificate({ ...SERVER, by: rootOfNow, ...TWENTIES })
    const port = await listening(tls.createServer({ cert: leaf.cert + rootOfNow.cert, key: leaf.key }))
    const opened = secure(new URL('https://licenses.test/'), { socket: connect(port, '127.0.0.1') }, undefined, at)
    const code = await opened.then(
      (socket) => socket.destroy() && 'OK',
      (error: { code?: string }) => error.code,
    )
    expect(code).toBe(isTaken ? 'OK' : 'CERT_HAS_EXPIRED')
  })
})

describe('a certificate that is refused for its dates', () => {
  it('is judged by the other roots where one cannot be read, and refused where none is left', async () => {
    const odd = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const judge = async (...roots: string[]) => {
      const [leaf] = under(root)
      const port = await listening(tls.createServer({ cert: leaf?.cert ?? '', key: leaf?.key ?? '' }))
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'licenses.test', rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      ENDINGS.push(() => socket.destroy())
      return isGoodAt(socket, 'licenses.test', roots, IN_2045)
    }
    expect(await judge(odd, root.cert)).toBe(true)
    expect(await judge(odd)).toBe(false)
  })

  it.each<[string, readonly Issued[], number | 'never' | undefined, boolean]>([
    ['at a time when it is good', under(middle), IN_2045, true],
    ['under the root itself', under(root), IN_2045, true],
    ['where dates do not matter yet', under(middle), 'never', true],
    ['by the wall clock alone', under(middle), undefined, false],
    ['at a time when it is over', under(middle), IN_2055, false],
    ['at a time before', under(middle), IN_2045 - 10 * 31_536_000, false],
    ['for another host', under(middle, { names: ['else.test'] }), IN_2045, false],
    ['of a stranger', under(issueCertificate({ called: 'stranger', ...FORTIES })), IN_2045, false],
    ['of a stranger of the same name', under(issueCertificate({ called: 'root', ...FORTIES })), IN_2045, false],
    [
      'signed by what is no authority',
      under(issueCertificate({ called: 'middle', by: root, isAuthority: false, ...FORTIES })),
      IN_2045,
      false,
    ],
    [
      'under an authority that is over',
      under(issueCertificate({ called: 'middle', by: root, from: '400101000000Z', to: '410101000000Z' })),
      IN_2045,
      false,
    ],
    ['for clients only', under(middle, { more: [['551d25', false, OF_CLIENTS]] }), IN_2045, false],
    ['with something critical', under(middle, { more: [['551d24', true, der(0x30)]] }), IN_2045, false],
    [
      'under a constraint of names',
      under(issueCertificate({ called: 'middle', by: root, more: [['551d1e', false, der(0x30)]], ...FORTIES })),
      IN_2045,
      false,
    ],
  ])('%s', async (_, chain, at, isTaken) => {
    systemTrusts(root.cert)
    const [leaf] = chain
    const cert = chain.map((one) => one.cert).join('')
    const port = await listening(tls.createServer({ cert, key: leaf?.key ?? '' }))
    const over = { socket: connect(port, '127.0.0.1') }
    const socket = secure(new URL('https://licenses.test/'), over, undefined, at)
    const taken = await socket.then(
      (opened) => opened.destroy() !== undefined,
      (error: { code?: string }) => {
        expect(error.code).toMatch(/^CERT_|SELF_SIGNED|UNABLE|INVALID|ERR_TLS/)
        return false
      },
    )
    expect(taken).toBe(isTaken)
  })
})

describe('a computer whose battery is dead', () => {
  async function setUp(certificate: Issued, trusted = root) {
    systemTrusts(trusted.cert)
    const desk = await createDesk({ dangerouslyAllowPlainHttp: false })
    const asked: string[] = []
    const cert = certificate.cert + middle.cert
    const https = createServer({ cert, key: certificate.key }, async (request, response) => {
      asked.push(`${request.url?.split('?')[0]} ${request.headers.authorization ?? 'nothing'}`)
      const { host: _, 'content-length': __, ...headers } = request.headers
      const body = request.method === 'POST' ? await new Response(request).text() : undefined
      const url = desk.server.url.replace('/licensing', request.url ?? '')
      const init = { method: request.method ?? '', headers: headers as Record<string, string> }
      const answer = await fetch(url, body === undefined ? init : { ...init, body })
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
    const port = await listening(https)
    ENDINGS.push(() => https.closeAllConnections())
    const kit = desk.start({ serverUrl: `https://127.0.0.1:${port}/licensing` })
    return { desk, kit, asked }
  }
  const good = () => issueCertificate({ ...SERVER, by: middle })

  it('makes contact: the server tells the time for a nonce, and by that the certificate is good', async () => {
    const { desk, kit, asked } = await setUp(good())
    desk.server.now = new Date(IN_2045 * 1000)
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(asked[0]).toBe('/licensing/.well-known/time nothing')
    expect(asked[1]).toMatch(/^\/licensing\/key\/activate Bearer /)
  })

  it('sends no more than the nonce where the certificate is over by that time, too', async () => {
    const { desk, kit, asked } = await setUp(good())
    desk.server.now = new Date(IN_2055 * 1000)
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('SERVER_UNREACHABLE')
    expect(asked).toEqual(['/licensing/.well-known/time nothing'])
  })

  it('believes no time that a stranger has signed, or that answers another nonce', async () => {
    for (const falsify of ['key', 'nonce']) {
      const { desk, kit, asked } = await setUp(good())
      desk.server.now = new Date(IN_2045 * 1000)
      desk.server.fault = (response) => {
        if (falsify === 'nonce') response.end('e30.e30.AA')
        else Object.assign(desk.server, { key: createSigningKey() })
        return falsify === 'nonce'
      }
      expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('SERVER_UNREACHABLE')
      expect(asked).toEqual(['/licensing/.well-known/time nothing'])
    }
  })

  it("asks nobody whose certificate is a stranger's", async () => {
    const stranger = issueCertificate({ called: 'root', ...FORTIES })
    const { kit, asked } = await setUp(good(), stranger)
    expect(await codeOf(kit.activate(LICENSE_KEY))).toMatch(/^(SERVER_UNREACHABLE|CONNECTION_INTERCEPTED)$/)
    expect(asked).toEqual([])
  })
})
