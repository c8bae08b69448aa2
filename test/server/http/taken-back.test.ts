import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'

let fixture: Fixture
let owner: HostKey
let licenseKey: string
const DAY = 86_400_000

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  owner = createHostKey()
  licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 1 })
})
afterEach(() => fixture.close())

const asApp = (path: string, by?: HostKey, fields: object = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host', ...fields }), by)
const activate = (by?: HostKey, fields: object = {}) => asApp('/key/activate', by, fields)
const validate = async (by?: HostKey) => (await asApp('/key/validate', by)).body
const hosts = async () =>
  (await fixture.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId).toSorted()
const pass = (ms: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + ms)
}
const limitReached = [403, 2, 'Activation limit reached'] as const

/** The store becomes that of a backup in which the host had no slot. */
async function forget(hostId: string): Promise<void> {
  const { storage } = fixture
  const [licenses, activations] = await storage.read([
    { table: 'licenses', equal: [], limit: 10 },
    { table: 'activations', equal: [], limit: 10 },
  ])
  const { license } = await fixture.licensing.licenses.get(licenseKey)
  const kept = licenses?.rows.find(({ row }) => row.id === license.id)?.row
  const slot = activations?.rows.find(({ row }) => row.host_id === hostId)?.row
  if (kept === undefined || slot === undefined) throw new TypeError('there is no such slot')
  const key = [slot.license_id, slot.generation, slot.host_id] as const
  const fate = await storage.write([
    [
      { kind: 'delete', table: 'activations', key: key.map((part) => part ?? null), revision: Number(slot.revision) },
      {
        kind: 'update',
        table: 'licenses',
        key: [license.id],
        revision: Number(kept.revision),
        set: { activation_count: license.activationCount - 1, revision: Number(kept.revision) + 1 },
      },
    ],
  ])
  expect(fate).toEqual(['written'])
}

describe('a host that the server has forgotten', () => {
  it('is unknown, and is taken back with its license token and its key, at the limit too', async () => {
    const { licenseToken } = (await activate(owner)).body
    await forget('host')
    expect((await activate(createHostKey(), { hostId: 'another' })).status).toBe(200)
    expect(await validate(owner)).toMatchObject({ valid: false, reason: 'not-activated' })
    expectRefusal(await activate(owner), ...limitReached)

    expect((await activate(owner, { licenseToken })).status).toBe(200)
    expect(await validate(owner)).toMatchObject({ valid: true })
    expect(await hosts()).toEqual(['another', 'host'])
    const { items } = await fixture.licensing.events.list({}, { limit: 100 })
    expect(items.at(-1)).toMatchObject({ type: 'license.activated', data: { hostId: 'host', takenBack: true } })
  })

  it.each<[string, (token: string) => Promise<Awaited<ReturnType<typeof activate>>>]>([
    ['shows another key', (licenseToken) => activate(createHostKey(), { licenseToken })],
    ['shows no key', (licenseToken) => activate(undefined, { licenseToken })],
    ['is another one', (licenseToken) => activate(owner, { hostId: 'elsewhere', licenseToken })],
    ['shows a forged token', (token) => activate(owner, { licenseToken: `${token.slice(0, -8)}AAAAAAAA` })],
    ['shows no token', () => activate(owner, { licenseToken: 'x' })],
    [
      'shows one that has ended',
      (licenseToken) => {
        pass(15 * DAY)
        return activate(owner, { licenseToken })
      },
    ],
  ])('is not taken back where it %s', async (_, comeBack) => {
    const { licenseToken } = (await activate(owner)).body
    await forget('host')
    await activate(createHostKey(), { hostId: 'another' })
    expectRefusal(await comeBack(String(licenseToken)), ...limitReached)
    expect(await hosts()).toEqual(['another'])
  })
})

describe('a host that lost its slot on purpose', () => {
  const take = () => activate(createHostKey(), { hostId: 'another' })

  it.each<[string, () => Promise<unknown>]>([
    ['was freed by the vendor', () => post(fixture, '/key/deactivate', named(fixture, licenseKey, { hostId: 'host' }))],
    ['gave it up itself', () => asApp('/key/deactivate', owner)],
    ['moved to another id', () => activate(owner, { hostId: 'renamed', previousHostIds: ['host'] })],
  ])('and %s is told so while its tokens can live, and is not taken back', async (_, lose) => {
    const { licenseToken } = (await activate(owner)).body
    await lose()
    await take()
    expect(await validate(owner)).toMatchObject({ valid: false, reason: 'activation-revoked' })
    expectRefusal(await activate(owner, { licenseToken }), ...limitReached)
    pass(60 * DAY)
    expect(await validate(owner)).toMatchObject({ valid: false, reason: 'not-activated' })
  })

  it('is none that came back, where the store has forgotten that it did', async () => {
    await activate(owner)
    await asApp('/key/deactivate', owner)
    pass(60_000)
    const { licenseToken } = (await activate(owner)).body
    const { stamp } = verifyIndependently(licenseToken, fixture.licensing.jwks).claims
    await forget('host')
    expect((await asApp('/key/validate', owner, { stamp })).body).toMatchObject({ reason: 'not-activated' })
    expect(await validate(owner)).toMatchObject({ reason: 'activation-revoked' })
  })

  it('is not taken back where slots were without a limit then, and are not now', async () => {
    await fixture.licensing.licenses.update(licenseKey, { maxActivations: null })
    const { licenseToken } = (await activate(owner)).body
    await asApp('/key/deactivate', owner)
    await fixture.licensing.licenses.update(licenseKey, { maxActivations: 1 })
    await take()
    expectRefusal(await activate(owner, { licenseToken }), ...limitReached)
  })

  it('is not taken back after a reset', async () => {
    const { licenseToken } = (await activate(owner)).body
    await fixture.licensing.licenses.reset(licenseKey)
    await take()
    expectRefusal(await activate(owner, { licenseToken }), ...limitReached)
  })

  it('is taken back with a token of after that', async () => {
    await activate(owner)
    await asApp('/key/deactivate', owner)
    const { licenseToken } = (await activate(owner)).body
    await forget('host')
    await take()
    expect((await activate(owner, { licenseToken })).status).toBe(200)
  })

  it('is none that never had a slot', async () => {
    expect(await validate(owner)).toMatchObject({ valid: false, reason: 'not-activated' })
  })
})
