import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PLAIN_MOUNT, UNKNOWN_ID, UNKNOWN_KEY } from './actions'
import { type Fixture, START, startFixture } from './harness'
import { type CallOptions, KeyMintClient, KeyMintError, type Session } from './keymint-client'

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let fixture: Fixture
let client: KeyMintClient
let productId: string

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  client = new KeyMintClient(fixture.url, fixture.secret)
  productId = fixture.productId
})
afterAll(() => fixture.close())
afterEach(() => {
  fixture.clock.now = START
})

const makeKey = async (terms: object = {}) => {
  const { key } = await client.createKey({ productId, expiryDate: null, ...terms })
  return { productId, licenseKey: key }
}
const makeFloating = (terms: object = {}) => makeKey({ licenseType: 'floating', maxConcurrentSessions: 2, ...terms })

/** The call is refused so, status, code and message. */
async function expectError(call: Promise<unknown>, status: number, code: number, message: unknown): Promise<void> {
  const error = await call.then(
    (answer) => expect.unreachable(`answered ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KeyMintError)
  expect(error).toMatchObject({ status, code, message })
}

describe.each([
  ['without', (): CallOptions => ({})],
  ['with', (): CallOptions => ({ idempotencyKey: crypto.randomUUID() })],
])('an SDK %s an idempotency key', (_, options) => {
  it('makes, reads and changes keys', async () => {
    const made = await client.createKey({ productId, amountKeys: 2, maxActivations: 3 }, options())
    expect(made).toEqual({ code: 0, key: made.keys?.[0], keys: [expect.any(String), expect.any(String)] })
    const named = { productId, licenseKey: made.key }
    const updated = await client.updateKey({ ...named, maxActivations: 5, metadata: { seat: 'A' } }, options())
    expect(updated).toEqual({ code: 0, message: 'Key updated', affectedCount: 1 })
    const { data } = await client.getKey(named)
    expect(data).toEqual({
      license: {
        id: expect.any(String),
        key: made.key,
        productId,
        maxActivations: 5,
        activations: 0,
        devices: [],
        activated: true,
        expirationDate: expect.stringMatching(ISO),
        versionId: null,
        version: null,
        metadata: { seat: 'A' },
        allowedHosts: null,
      },
    })
  })

  it('activates and deactivates', async () => {
    const named = await makeKey()
    const activated = await client.activateKey(
      { ...named, hostId: 'host', deviceTag: 'desk', licensee: { name: 'Ada', email: 'ada@example.com' } },
      options(),
    )
    expect(activated).toEqual({
      code: 0,
      message: 'License valid',
      licenseeName: 'Ada',
      licenseeEmail: 'ada@example.com',
      metadata: { hostId: 'host', features: {} },
      expirationDate: null,
      versionId: null,
      allowedHosts: null,
      hostId: 'host',
      licenseToken: expect.any(String),
    })
    expect((await client.activateKey({ ...named, hostId: null }, options())).hostId).toEqual(expect.any(String))
    expect((await client.getKey(named)).data.license.activations).toBe(2)
    const one = await client.deactivateKey({ ...named, hostId: 'host' }, options())
    expect(one).toEqual({ code: 0, message: 'Device deactivated', devicesRemoved: 1 })
    const all = { code: 0, message: 'All devices deactivated', devicesRemoved: 1 }
    expect(await client.deactivateKey(named, options())).toEqual(all)
    expect((await client.getKey(named)).data.license).toMatchObject({ activations: 0, devices: [] })
  })

  it('blocks and unblocks', async () => {
    const named = await makeKey()
    expect(await client.blockKey(named, options())).toEqual({ code: 0, message: 'Key blocked' })
    expect((await client.getKey(named)).data.license.activated).toBe(false)
    expect(await client.unblockKey(named, options())).toEqual({ code: 0, message: 'Key unblocked' })
  })

  it('signs license files', async () => {
    const named = await makeKey()
    const { code, file } = await client.signKey({ ...named, hostId: 'host', ttl: 3600 }, options())
    expect({ code, signedKey: file.signedKey }).toEqual({ code: 0, signedKey: named.licenseKey })
    expect(file.signedDate).toMatch(ISO)
  })

  it('takes a seat, keeps it and gives it back', async () => {
    const named = await makeFloating()
    const session = await client.checkout({ ...named, hostId: 'host' }, options())
    const beat = await client.heartbeat(named, session, options())
    expect(beat).toEqual({
      code: 0,
      message: expect.any(String),
      expiresAt: expect.stringMatching(ISO),
      nextNonce: expect.any(String),
    })
    const next = { ...session, nextNonce: beat.nextNonce }
    expect(await client.checkin(named, next, options())).toEqual({ code: 0, message: expect.any(String) })
    expect((await client.checkout({ ...named, hostId: 'other' }, options())).currentSessions).toBe(1)
  })

  it('makes, finds, changes, toggles and deletes customers', async () => {
    const email = `${crypto.randomUUID()}@Example.com`
    const created = await client.createCustomer({ name: 'Ada', email }, options())
    const { id } = created.data
    expect(created).toEqual({
      action: 'createCustomer',
      status: true,
      message: 'Customer created successfully',
      data: { id, name: 'Ada', email },
      code: 0,
    })
    const found = await client.listCustomers({ email: email.toUpperCase() })
    expect(found.data.map((customer) => customer.id)).toEqual([id])
    expect((await client.updateCustomer({ customerId: id, name: 'Grace' }, options())).data.name).toBe('Grace')
    expect((await client.toggleCustomer(id, options())).message).toBe('Customer disabled')
    expect((await client.getCustomer(id)).data).toMatchObject([{ id, name: 'Grace', email, active: false }])
    const { licenseKey } = await makeKey({ customerId: id })
    expect((await client.listCustomerKeys(id)).data.map(({ key }) => key)).toEqual([licenseKey])
    expect(await client.deleteCustomer(id, options())).toEqual({
      action: 'removeCustomer',
      status: true,
      message: expect.any(String),
      code: 0,
    })
    await expectError(client.getCustomer(id), 404, 1, 'Customer not found')
  })
})

describe('an SDK is told', () => {
  const stranger = () => new KeyMintClient(fixture.url, 'at_nobody')
  const held: Session = {
    code: 0,
    message: '',
    sessionId: 'none_000000000000000000',
    sessionSecret: 's',
    nextNonce: 'n',
    expiresAt: '',
    heartbeatInterval: 300,
    metadata: null,
    currentSessions: 1,
    maxSessions: 1,
  }
  const about = (named: { productId: string; licenseKey: string }) => ({
    getKey: () => client.getKey(named),
    updateKey: () => client.updateKey(named),
    activateKey: () => client.activateKey(named),
    deactivateKey: () => client.deactivateKey(named),
    blockKey: () => client.blockKey(named),
    unblockKey: () => client.unblockKey(named),
    signKey: () => client.signKey({ ...named, hostId: 'host', ttl: 60 }),
    checkout: () => client.checkout({ ...named, hostId: 'host' }),
    heartbeat: () => client.heartbeat(named, held),
    checkin: () => client.checkin(named, held),
  })

  it('of an unknown key and an unknown product, by every method that names one', async () => {
    const { licenseKey } = await makeKey()
    for (const named of [
      { productId, licenseKey: UNKNOWN_KEY },
      { productId: UNKNOWN_ID, licenseKey },
    ]) {
      for (const call of Object.values(about(named))) await expectError(call(), 404, 1, 'Invalid license key')
    }
    await expectError(client.createKey({ productId: UNKNOWN_ID }), 404, 1, 'Invalid license key')
  })

  it('of a missing and of a malformed field, by every method that takes one', async () => {
    const missing = { productId } as { productId: string; licenseKey: string }
    for (const call of Object.values(about(missing))) await expectError(call(), 400, 1, expect.any(String))
    const short = { productId: 'short', licenseKey: UNKNOWN_KEY }
    for (const call of Object.values(about(short))) {
      await expectError(call(), 400, 1, expect.stringContaining('productId'))
    }
    await expectError(client.createCustomer({ name: '' }), 400, 1, expect.stringContaining('name'))
  })

  it('that its token is none, by every method', async () => {
    const known = client
    client = stranger()
    try {
      const calls = [
        ...Object.values(about({ productId, licenseKey: UNKNOWN_KEY })),
        () => client.createKey({ productId }),
        () => client.createCustomer({ name: 'Ada' }),
        () => client.listCustomers(),
        () => client.getCustomer(UNKNOWN_ID),
        () => client.updateCustomer({ customerId: UNKNOWN_ID }),
        () => client.toggleCustomer(UNKNOWN_ID),
        () => client.deleteCustomer(UNKNOWN_ID),
        () => client.listCustomerKeys(UNKNOWN_ID),
      ]
      for (const call of calls) await expectError(call(), 401, 1, 'Invalid access token')
    } finally {
      client = known
    }
  })

  it('why a license does not serve', async () => {
    const uses = (named: { productId: string; licenseKey: string }) => ({
      activate: () => client.activateKey({ ...named, hostId: 'host' }),
      sign: () => client.signKey({ ...named, hostId: 'host', ttl: 60 }),
    })
    const seat = (named: { productId: string; licenseKey: string }) => ({
      checkout: () => client.checkout({ ...named, hostId: 'host' }),
    })
    const { data } = await client.createCustomer({ name: 'Disabled' })
    await client.toggleCustomer(data.id)
    const cases: readonly [object, string][] = [
      [{ expiryDate: '2020-01-01' }, 'License expired'],
      [{ customerId: data.id }, 'Customer not active'],
      [{ allowedHosts: ['another'] }, 'Host not allowed'],
    ]
    for (const [terms, message] of cases) {
      for (const call of Object.values(uses(await makeKey(terms)))) await expectError(call(), 403, 2, message)
      for (const call of Object.values(seat(await makeFloating(terms)))) await expectError(call(), 403, 2, message)
    }
    for (const named of [await makeKey(), await makeFloating()]) {
      await client.blockKey(named)
      const calls = { ...uses(named), ...seat(named) }
      for (const call of Object.values(calls)) await expectError(call(), 403, 2, 'License not activated')
    }
    for (const call of Object.values(uses(await makeFloating())))
      await expectError(call(), 403, 2, 'Wrong license type')
    for (const call of Object.values(seat(await makeKey()))) await expectError(call(), 403, 2, 'Wrong license type')
  })

  it('that every slot or seat is taken, that the host or the session is not there', async () => {
    const one = await makeKey({ maxActivations: 1 })
    await client.activateKey({ ...one, hostId: 'first' })
    await expectError(client.activateKey({ ...one, hostId: 'second' }), 403, 2, 'Activation limit reached')
    await expectError(client.signKey({ ...one, hostId: 'second', ttl: 60 }), 403, 2, 'Activation limit reached')
    await expectError(client.deactivateKey({ ...one, hostId: 'second' }), 404, 1, 'Device not found')
    const seats = await makeFloating({ maxConcurrentSessions: 1 })
    const session = await client.checkout({ ...seats, hostId: 'first' })
    await expectError(client.checkout({ ...seats, hostId: 'second' }), 403, 2, 'Activation limit reached')
    await expectError(client.heartbeat(seats, held), 404, 1, 'Session not found')
    const forged = { ...session, sessionSecret: 'guess' }
    await expectError(client.heartbeat(seats, forged), 401, 1, 'Invalid session signature')
    await expectError(client.checkin(seats, forged), 401, 1, 'Invalid session signature')
  })

  it('of customers that are not there, and of emails that are taken', async () => {
    await client.createCustomer({ name: 'Ada', email: 'taken@example.com' })
    const { data } = await client.createCustomer({ name: 'Grace', email: 'grace@example.com' })
    const taken = 'Customer with this email already exists'
    await expectError(client.createCustomer({ name: 'Ada', email: 'TAKEN@example.com' }), 409, 1, taken)
    await expectError(client.updateCustomer({ customerId: data.id, email: 'Taken@Example.com' }), 409, 1, taken)
    const newCustomer = { name: 'Ada', email: 'taken@EXAMPLE.com' }
    await expectError(client.createKey({ productId, newCustomer }), 409, 1, taken)
    await expectError(client.updateKey({ ...(await makeKey()), newCustomer }), 409, 1, taken)
    for (const call of [
      () => client.getCustomer(UNKNOWN_ID),
      () => client.updateCustomer({ customerId: UNKNOWN_ID, name: 'x' }),
      () => client.toggleCustomer(UNKNOWN_ID),
      () => client.deleteCustomer(UNKNOWN_ID),
      () => client.listCustomerKeys(UNKNOWN_ID),
    ]) {
      await expectError(call(), 404, 1, 'Customer not found')
    }
    await expectError(client.createKey({ productId, customerId: UNKNOWN_ID }), 400, 1, 'Customer not found')
  })

  it('that an answer is a replay, and that an idempotency key was used for something else', async () => {
    const replays: boolean[] = []
    const options = { idempotencyKey: 'payment 4711', onReplayed: (replayed: boolean) => void replays.push(replayed) }
    const first = await client.createKey({ productId, maxActivations: 1 }, options)
    expect(await client.createKey({ productId, maxActivations: 1 }, options)).toEqual(first)
    expect(replays).toEqual([false, true])
    await expectError(client.createKey({ productId, maxActivations: 2 }, options), 422, 1, expect.any(String))
  })
})
