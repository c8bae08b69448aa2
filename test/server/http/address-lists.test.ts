import { SCOPES } from 'keyslot/server'
import { afterEach, describe, expect, it } from 'vitest'
import { activateHost, behind, expectAnswer, makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, send, startFixture } from './harness'

const FORBIDDEN = 'Insufficient permissions for this operation'

let fixture: Fixture

afterEach(() => fixture.close())

/** Asks with a token that has an address list, as if from `forwardedFor`. */
async function askFrom(allowedAddresses: string[], forwardedFor?: string) {
  const { token } = await fixture.licensing.accessTokens.create({
    name: 'listed',
    kind: 'secret',
    scopes: SCOPES,
    allowedAddresses,
  })
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }
  const { productId } = fixture
  const keymint = await send(fixture.url, 'POST', '/key', { token, body: { productId }, headers })
  const authtool = await send(fixture.url, 'PATCH', '/public/v1/key/AAAAA-BBBBB/reset', { token, headers })
  if (keymint.status === 403) {
    expectAnswer(keymint, 403, { message: FORBIDDEN, code: 1 })
    expectAnswer(authtool, 403, { message: FORBIDDEN })
    return 'refused'
  }
  expect({ keymint: keymint.status, authtool: authtool.status }).toEqual({ keymint: 200, authtool: 404 })
  return 'served'
}

describe('the address list of a token', () => {
  it.each([
    [['127.0.0.1'], 'served'],
    [['10.0.0.1', '127.0.0.0/8'], 'served'],
    [['0.0.0.0/0'], 'served'],
    [['10.0.0.1'], 'refused'],
    [['127.0.0.2/32'], 'refused'],
    [['::1'], 'refused'],
    [['2001:db8::/32'], 'refused'],
    [[], 'refused'],
  ])('%j, for a caller on 127.0.0.1: %s', async (addresses, verdict) => {
    fixture = await startFixture(PLAIN_MOUNT)
    expect(await askFrom(addresses)).toBe(verdict)
  })

  it('does not read X-Forwarded-For unless the host app trusts its proxy', async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    expect(await askFrom(['10.1.2.3'], '10.1.2.3')).toBe('refused')
    expect(await askFrom(['127.0.0.1'], '10.1.2.3')).toBe('served')
  })

  it.each([
    ['10.1.2.3', ['10.0.0.0/8'], 'served'],
    ['10.1.2.3', ['10.1.2.4'], 'refused'],
    ['10.1.2.3, 192.0.2.1', ['10.0.0.0/8'], 'refused'],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], 'served'],
    ['::FFFF:10.1.2.3', ['10.1.2.3'], 'served'],
    ['10.1.2.3', ['::ffff:10.1.2.3'], 'served'],
    ['2001:db8::7', ['2001:db8::/32'], 'served'],
    ['2001:DB8:0::7', ['2001:db8::7'], 'served'],
    ['2001:db9::7', ['2001:db8::/32'], 'refused'],
    ['fe80::1%eth0', ['fe80::/10'], 'served'],
    ['unknown', ['0.0.0.0/0', '::/0'], 'refused'],
    ['10.1.2.3:443', ['10.1.2.3'], 'served'],
    ['10.1.2.3:443', ['10.1.2.4'], 'refused'],
    ['[2001:db8::7]:443', ['2001:db8::7'], 'served'],
    ['[2001:db8::7]', ['2001:db8::8'], 'refused'],
    ['10.1.2.3:https', ['0.0.0.0/0', '::/0'], 'refused'],
    ['[10.1.2.3', ['0.0.0.0/0', '::/0'], 'refused'],
    ['<script>', ['0.0.0.0/0', '::/0'], 'refused'],
    ['%', ['0.0.0.0/0', '::/0'], 'refused'],
  ])('behind one trusted proxy that says %s, %j: %s', async (forwardedFor, addresses, verdict) => {
    fixture = await startFixture(behind(1))
    expect(await askFrom(addresses, forwardedFor)).toBe(verdict)
  })

  it('protects nothing, and so admits nobody, where every hop is trusted', async () => {
    fixture = await startFixture(behind(true))
    expect(await askFrom(['127.0.0.1'])).toBe('refused')
    expect(await askFrom(['10.1.2.3'], '10.1.2.3')).toBe('refused')
    await makeKey(fixture)
  })
})

describe('the address list of a token, by what the host app trusts', () => {
  // Before, all of these were served as 10.1.2.3, which whoever calls had written into X-Forwarded-For.
  it.each<[string, unknown]>([
    ['a function that says yes to all', () => true],
    ['a function that says yes to every IPv4 address', (address: string) => !address.includes(':')],
    ['a function that says no to what is asked first', (_: string, hop: number) => hop !== 7],
    ['every IPv6 network', ['loopback', '::/1', '8000::/1']],
    ['every IPv4 network, in two halves', '0.0.0.0/1, 128.0.0.0/1'],
    ['more hops than there are', 1000],
  ])('admits nobody: %s', async (_, trusted) => {
    fixture = await startFixture(behind(trusted))
    expect(await askFrom(['10.1.2.3'], '10.1.2.3')).toBe('refused')
    expect(await askFrom(['127.0.0.1'])).toBe('refused')
    await makeKey(fixture)
  })

  it.each<[string, unknown]>([
    ['a function that knows its proxy', (address: string) => address === '127.0.0.1'],
    ['a function that counts hops', (_: string, hop: number) => hop < 2],
    ['a function that fails for an address it does not know', knowsLoopback],
    ['a network', 'loopback'],
    ['networks, one for documents among them', ['loopback', '192.0.2.0/24', '2001:db8::/33']],
    ['two hops', 2],
  ])('reads the address of the proxy: %s', async (_, trusted) => {
    fixture = await startFixture(behind(trusted))
    expect(await askFrom(['10.1.2.3'], '10.1.2.3')).toBe('served')
    expect(await askFrom(['10.1.2.4'], '10.1.2.3')).toBe('refused')
  })
})

function knowsLoopback(address: string): boolean {
  if (address === '127.0.0.1') return true
  if (address.startsWith('10.')) return false
  throw new Error(`${address} is in no list`)
}

describe('the address kept of an activation', () => {
  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['not an address', undefined],
    ['x'.repeat(5000), undefined],
  ])('of %s is %s', async (forwardedFor, address) => {
    fixture = await startFixture(behind(1))
    const key = await makeKey(fixture)
    const body = named(fixture, key, { hostId: 'host' })
    const headers = { 'X-Forwarded-For': forwardedFor }
    const { secret, url } = fixture
    expect((await send(url, 'POST', '/key/activate', { token: secret, body, headers })).status).toBe(200)
    const shown = await send(url, 'POST', '/get-key', { token: secret, body: named(fixture, key) })
    expect(shown.body.data.license.devices[0].ip_address).toBe(address ?? null)
    expect((await activateHost(fixture, key, 'host')).status).toBe(200)
  })
})
