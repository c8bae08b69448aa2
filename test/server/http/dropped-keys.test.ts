import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { revocationId } from '../../../src/protocol'
import { expectRefusal, makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, proofFor, sendAsApp } from './host-key'
import { isRevoked } from './revoked'

let fixture: Fixture
let licenseKey: string
let owner: HostKey
let stranger: HostKey
const DAY = 86_400_000

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 1 })
  owner = createHostKey()
  stranger = createHostKey()
})
afterEach(() => fixture.close())

const asApp = (path: string, by: HostKey, headers: Record<string, string> = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host' }), by, { headers })
const activate = (by: HostKey, recovery?: HostKey) => {
  const parts = { claims: { jkt: by.thumbprint } }
  return asApp(
    '/key/activate',
    by,
    recovery && { 'Keyslot-Recovery': proofFor(fixture, recovery, '/key/activate', parts) },
  )
}
const isValid = async (by: HostKey) => (await asApp('/key/validate', by)).body.valid
const slot = async () => (await fixture.licensing.licenses.get(licenseKey)).activations[0] ?? expect.fail('no slot')
const drop = (key: string) =>
  fixture.licensing.licenses.dropKey(licenseKey, { productId: fixture.productId, hostId: 'host', key })

describe('a user whom the vendor drops', () => {
  const dropped = [403, 2, 'Key dropped'] as const

  it('is out at once and for good; the others go on, and the slot stays', async () => {
    const recovery = createHostKey()
    const first = (await activate(owner)).body.licenseToken
    const token = (await activate(stranger, recovery)).body.licenseToken
    await drop(stranger.thumbprint.slice(0, 10))
    expect(await isRevoked(fixture, token)).toBe(true)
    expect(await isRevoked(fixture, first)).toBe(false)
    expectRefusal(await asApp('/key/validate', stranger), 403, 2, 'Proof of possession required')
    expectRefusal(await asApp('/key/deactivate', stranger), 403, 2, 'Proof of possession required')
    expectRefusal(await activate(stranger), ...dropped)
    // Not by what was lost, nor by what can be derived.
    expectRefusal(await activate(createHostKey(), recovery), ...dropped)
    expectRefusal(await activate(recovery), ...dropped)
    expect(await isValid(owner)).toBe(true)
    expect((await slot()).keys.map(({ droppedAt }) => droppedAt)).toEqual([null, fixture.clock.now])
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 400 * DAY)
    await activate(owner)
    expectRefusal(await activate(stranger), ...dropped)
  })

  it('makes room for another, and holds up no younger one', async () => {
    await fixture.licensing.products.update(fixture.productId, { usersPerHost: 2 })
    await activate(stranger)
    await activate(owner)
    await drop(stranger.thumbprint)
    expect((await activate(createHostKey())).status).toBe(200)
    // The oldest now.
    const freed = await sendAsApp(
      fixture,
      '/key/deactivate',
      named(fixture, licenseKey, { hostId: 'host', forAll: true }),
      owner,
    )
    expect(freed.body).toEqual({ message: 'Device deactivated', code: 0, devicesRemoved: 1 })
  })

  it('leaves one entry for each key on the list, and is dropped once', async () => {
    await activate(owner)
    await activate(stranger)
    const told: unknown[] = []
    fixture.licensing.on('license.deactivated', ({ data }) => told.push(data))
    for (let count = 0; count < 2; count += 1) await drop(stranger.thumbprint)
    const { license, activations } = await fixture.licensing.licenses.get(licenseKey)
    expect(activations).toHaveLength(1)
    expect(license.activationCount).toBe(1)
    expect(told).toEqual([expect.objectContaining({ hostId: 'host', droppedKey: stranger.thumbprint })])
    const list = await fetch(`${fixture.url}/.well-known/revocations/${fixture.productId}.jws`)
    const payload = Buffer.from((await list.text()).split('.')[1] ?? '', 'base64url').toString()
    const ids = JSON.parse(payload).entries.map(([id]: [string]) => id)
    expect(ids).toEqual([revocationId(license.id, 'host', stranger.thumbprint)])
  })

  it('is named by enough of a key', async () => {
    await activate(owner)
    await expect(drop('short')).rejects.toMatchObject({ code: 'INVALID_REQUEST', detail: { field: 'key' } })
    await expect(drop(stranger.thumbprint)).rejects.toMatchObject({ code: 'ACTIVATION_NOT_FOUND' })
    expect(await isValid(owner)).toBe(true)
  })
})
