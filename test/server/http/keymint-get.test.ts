import type { Licensing } from 'keyslot/server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  addAccount,
  ask,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  post,
  UNKNOWN_ID,
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, MOUNTS, START, startFixture } from './harness'

describe.each(MOUNTS)('reading a license, mounted $name', (mount) => {
  let fixture: Fixture
  let licensing: Licensing

  beforeAll(async () => {
    fixture = await startFixture(mount)
    licensing = fixture.licensing
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const get = (licenseKey: string, productId = fixture.productId) =>
    ask(fixture, 'GET', `/key?${new URLSearchParams({ productId, licenseKey })}`)

  it('GET /key shows everything there is', async () => {
    const key = await makeKey(fixture, {
      maxActivations: 2,
      expiryDate: '2027-01-01',
      newCustomer: { name: 'Ada', email: 'ada@example.com' },
      metadata: { seat: 'A1' },
      allowedHosts: ['one', 'two'],
    })
    await post(fixture, '/key/activate', named(fixture, key, { hostId: 'one', deviceTag: "Ada's laptop" }))
    const { license, customer } = await licensing.licenses.get(key)

    expectAnswer(await get(key), 200, {
      code: 0,
      data: {
        license: {
          id: license.id,
          key,
          productId: fixture.productId,
          maxActivations: 2,
          activations: 1,
          devices: [
            {
              hostId: 'one',
              deviceTag: "Ada's laptop",
              ipAddress: '127.0.0.1',
              activationTime: '2026-06-15T12:00:00.000Z',
            },
          ],
          activated: true,
          expirationDate: '2027-01-01T00:00:00.000Z',
          versionId: null,
          version: null,
          metadata: { seat: 'A1' },
          allowedHosts: ['one', 'two'],
        },
        customer: { id: customer?.id, name: 'Ada', email: 'ada@example.com', active: true },
      },
    })
  })

  it('GET /key leaves out what there is not', async () => {
    const key = await makeKey(fixture, { expiryDate: null })
    await activateHost(fixture, key, 'one')
    const { status, body } = await get(key)
    expect(status).toBe(200)
    expect(body.data).not.toHaveProperty('customer')
    expect(body.data.license).toMatchObject({
      maxActivations: 0,
      expirationDate: null,
      metadata: null,
      allowedHosts: null,
    })
    expect(Object.keys(body.data.license.devices[0])).toEqual(['hostId', 'ipAddress', 'activationTime'])
  })

  it('POST /get-key shows the same in snake_case', async () => {
    const key = await makeKey(fixture, { maxActivations: 2, newCustomer: { name: 'Eve' } })
    await post(fixture, '/key/activate', named(fixture, key, { hostId: 'one', deviceTag: 'tag' }))
    const { license, customer } = await licensing.licenses.get(key)

    expectAnswer(await post(fixture, '/get-key', named(fixture, key)), 200, {
      code: 0,
      data: {
        license: {
          id: license.id,
          key,
          product_id: fixture.productId,
          max_activations: 2,
          usage_limit: 2,
          activations: 1,
          devices: [
            {
              host_id: 'one',
              device_tag: 'tag',
              ip_address: '127.0.0.1',
              activation_time: '2026-06-15T12:00:00.000Z',
            },
          ],
          activated: true,
          expiration_date: '2026-07-15T12:00:00.000Z',
        },
        customer: { id: customer?.id, name: 'Eve', email: null, active: true },
      },
    })
  })

  it('shows an unlimited license of version 1 with the number 0', async () => {
    const { body } = await post(fixture, '/get-key', named(fixture, await makeKey(fixture)))
    expect(body.data).toMatchObject({ customer: null, license: { max_activations: 0, usage_limit: 0 } })
  })

  it('shows a blocked license as not activated', async () => {
    const key = await makeKey(fixture)
    await licensing.licenses.block(key)
    expect((await get(key)).body.data.license.activated).toBe(false)
    expect((await post(fixture, '/get-key', named(fixture, key))).body.data.license.activated).toBe(false)
  })

  it('lists the newest device first and counts them all', async () => {
    const key = await makeKey(fixture)
    const { now } = fixture.clock
    for (const [index, host] of ['first', 'second', 'third'].entries()) {
      fixture.clock.now = new Date(now.getTime() + index)
      await activateHost(fixture, key, host)
    }
    const { devices, activations } = (await get(key)).body.data.license
    expect(devices.map((device: { hostId: string }) => device.hostId)).toEqual(['third', 'second', 'first'])
    expect(activations).toBe(3)
  })

  it('refuses what is missing, malformed, unknown, foreign or of another product', async () => {
    const key = await makeKey(fixture)
    const rival = await addAccount(fixture)
    const { key: foreign } = await rival.api.licenses.create({ productId: rival.productId })
    const other = await licensing.products.create({ name: 'Other' })

    expectRefusal(await ask(fixture, 'GET', '/key'), 400, 1, 'Missing required params')
    expectRefusal(await ask(fixture, 'GET', `/key?productId=${fixture.productId}`), 400, 1, 'Missing required params')
    expectMalformed(await get('too-short'), 'licenseKey')
    expectMalformed(await get(key, 'short'), 'productId')
    expectMalformed(await ask(fixture, 'GET', `/key?productId=${UNKNOWN_ID}&licenseKey=%00${key}`), 'licenseKey')
    expectMalformed(await ask(fixture, 'GET', `/key?productId=${UNKNOWN_ID}&licenseKey=a&licenseKey=b`), 'licenseKey')
    for (const [licenseKey, productId] of [
      [UNKNOWN_KEY, fixture.productId],
      [foreign, fixture.productId],
      [foreign, rival.productId],
      [key, other.id],
      [key, UNKNOWN_ID],
    ] as const) {
      expectRefusal(await get(licenseKey, productId), 404, 1, 'Invalid license key')
      expectRefusal(await post(fixture, '/get-key', { licenseKey, productId }), 404, 1, 'Invalid license key')
    }
  })
})
