import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectAnswer, expectMalformed, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import { isRevoked } from './revoked'

const FORBIDDEN = [403, 1, 'Insufficient permissions for this operation'] as const
const MISSING = [404, 1, 'Device not found'] as const
const DROPPED = { code: 0, message: 'User dropped' }

let fixture: Fixture
let licenseKey: string
let owner: HostKey
let stranger: HostKey

const asApp = (path: string, by: HostKey | undefined, fields: object = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { ...fields }), by)
const asVendor = (path: string, fields: object = {}) => post(fixture, path, named(fixture, licenseKey, { ...fields }))
const activate = async (by: HostKey, hostId = 'the-desk-host') => {
  const { status, body } = await asApp('/key/activate', by, { hostId })
  expect(status).toBe(200)
  return body.licenseToken
}

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  licenseKey = await makeKey(fixture, { expiryDate: null })
  owner = createHostKey()
  stranger = createHostKey()
})
afterEach(() => fixture.close())

describe('the users of a host, for the vendor', () => {
  it('are listed by their keys, in their order', async () => {
    for (const key of [owner, stranger]) await activate(key)
    await asVendor('/key/activate', { hostId: 'the-plain-host' })
    const now = fixture.clock.now.toISOString()
    const user = {
      recoveryKey: null,
      formerKeys: [],
      boundAt: now,
      usedAt: now,
      until: null,
      leftAt: null,
      droppedAt: null,
    }
    const desk = {
      hostId: 'the-desk-host',
      users: [owner, stranger].map(({ thumbprint }) => ({ key: thumbprint, ...user, tokensEndAt: expect.any(String) })),
    }
    const { body } = await asVendor('/key/users')
    expect(body.hosts).toHaveLength(2)
    expect(body.hosts).toEqual(expect.arrayContaining([desk, { hostId: 'the-plain-host', users: [] }]))
    expectAnswer(await asVendor('/key/users', { hostId: 'the-desk-host' }), 200, { code: 0, hosts: [desk] })
    expectAnswer(await asVendor('/key/users', { hostId: 'no-host' }), 200, { code: 0, hosts: [] })
  })

  it('are dropped, one by one', async () => {
    const [first, second] = [await activate(owner), await activate(stranger)]
    const drop = (key: string) => asVendor('/key/users/drop', { hostId: 'the-desk-host', key })
    expectAnswer(await drop(stranger.thumbprint.slice(0, 12)), 200, DROPPED)
    expectAnswer(await drop(stranger.thumbprint), 200, DROPPED)
    expect([await isRevoked(fixture, first), await isRevoked(fixture, second)]).toEqual([false, true])
    const { hosts } = (await asVendor('/key/users')).body
    const times = hosts[0].users.map(({ droppedAt }: { droppedAt: string | null }) => droppedAt)
    expect(times).toEqual([null, fixture.clock.now.toISOString()])
    expectRefusal(await drop(createHostKey().thumbprint), ...MISSING)
    expectMalformed(await drop('short'), 'key')
  })

  it('are no app’s to see or drop', async () => {
    await activate(owner)
    await fixture.licensing.products.update(fixture.productId, { selfService: true })
    expectRefusal(await asApp('/key/users', owner), ...FORBIDDEN)
    const fields = { hostId: 'the-desk-host', key: owner.thumbprint }
    expectRefusal(await asApp('/key/users/drop', owner, fields), ...FORBIDDEN)
  })
})

describe('the users of a device, for whoever has the license key', () => {
  beforeEach(() => fixture.licensing.products.update(fixture.productId, { selfService: true }))

  const deviceOf = async (by?: HostKey) => (await asApp('/key/devices', by)).body.devices[0]

  it('are listed without a word of their keys', async () => {
    for (const key of [owner, stranger]) await activate(key)
    const { users } = await deviceOf(stranger)
    const now = fixture.clock.now.toISOString()
    const user = { user: expect.stringMatching(/^[\w-]{12}$/), since: now, lastSeenAt: now }
    expect(users).toEqual([
      { ...user, thisUser: false },
      { ...user, thisUser: true },
    ])
    const told = JSON.stringify(await deviceOf())
    for (const { thumbprint } of [owner, stranger]) expect(told).not.toContain(thumbprint.slice(0, 8))
  })

  it('drop younger ones of their device, and no older ones', async () => {
    for (const key of [owner, stranger]) await activate(key)
    const { device, users } = await deviceOf()
    const drop = (by: HostKey, rank: number) => asApp('/key/devices/drop-user', by, { device, user: users[rank].user })
    expectRefusal(await drop(stranger, 0), ...FORBIDDEN)
    expectAnswer(await drop(owner, 1), 200, DROPPED)
    expectRefusal(await asApp('/key/activate', stranger, { hostId: 'the-desk-host' }), 403, 2, 'Key dropped')
    expect((await deviceOf()).users).toHaveLength(1)
  })

  it('are dropped without a key of the device as often as devices are freed', async () => {
    const keys = Array.from({ length: 5 }, createHostKey)
    for (const key of [owner, ...keys]) await activate(key)
    const { device, users } = await deviceOf()
    const statuses: number[] = []
    for (const { user } of users)
      statuses.push((await asApp('/key/devices/drop-user', stranger, { device, user })).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })

  it('are told of, by name', async () => {
    for (const key of [owner, stranger]) await activate(key)
    const told: unknown[] = []
    fixture.licensing.on('license.deactivated', ({ data }) => told.push(data))
    const { device, users } = await deviceOf()
    await asApp('/key/devices/drop-user', owner, { device, user: users[1].user })
    const { productId } = fixture
    expect(told).toEqual([{ productId, selfService: true, hostId: 'the-desk-host', droppedKey: stranger.thumbprint }])
  })

  it('are nobody’s where the product has no self-service, or there is none such', async () => {
    await activate(owner)
    const { device, users } = await deviceOf()
    expectRefusal(await asApp('/key/devices/drop-user', owner, { device, user: 'nobody' }), ...MISSING)
    expectRefusal(await asApp('/key/devices/drop-user', owner, { device: 'act_none', user: users[0].user }), ...MISSING)
    await fixture.licensing.products.update(fixture.productId, { selfService: false })
    const refused = await asApp('/key/devices/drop-user', owner, { device, user: users[0].user })
    expectRefusal(refused, ...FORBIDDEN)
  })
})
