import { createKeyring } from 'keyslot/server'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scratchStore } from '../../cli/scratch-folder'
import { makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, START, send, startFixture } from './harness'
import { createHostKey, type HostKey, proofFor } from './host-key'

const STORES: readonly [string, () => readonly [Storage, Storage]][] = [
  [
    'memory',
    () => {
      const storage = memoryStorage()
      return [storage, { ...storage, open: async () => undefined, close: async () => undefined }]
    },
  ],
  [
    'SQLite',
    () => {
      const { file } = scratchStore()
      return [sqliteStorage({ file }), sqliteStorage({ file })]
    },
  ],
]

describe.each(STORES)('a proof that is shown to two instances, on %s', (_, makeStorages) => {
  let first: Fixture
  let second: Fixture
  let key: HostKey
  let licenseKey: string

  beforeEach(async () => {
    const keyring = createKeyring(START)
    const [one, another] = makeStorages()
    first = await startFixture(PLAIN_MOUNT, { storage: one, keyring })
    second = await startFixture(PLAIN_MOUNT, { storage: another, keyring })
    key = createHostKey()
    licenseKey = await makeKey(first, { expiryDate: null, maxActivations: 1 })
  })
  afterEach(async () => {
    expect([first.logged, second.logged]).toEqual([[], []])
    await second.close()
    await first.close()
  })

  const makeProof = (path: string) => proofFor(first, key, path)
  const show = async (
    at: Fixture,
    path: string,
    proof: string,
    more: object = {},
    headers: Record<string, string> = {},
  ) => {
    const body = named(first, licenseKey, { hostId: 'host', ...more })
    const request = { token: first.publishable, body, headers: { DPoP: proof, ...headers } }
    return (await send(at.url, 'POST', path, request)).status
  }
  const hosts = async () => (await first.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId)

  // Before, the second instance freed the slot again.
  it('frees a slot once', async () => {
    await show(first, '/key/activate', makeProof('/key/activate'))
    const stolen = makeProof('/key/deactivate')
    expect(await show(first, '/key/deactivate', stolen)).toBe(200)
    expect(await show(second, '/key/activate', makeProof('/key/activate'))).toBe(200)
    expect(await show(second, '/key/deactivate', stolen)).toBe(401)
    expect(await hosts()).toEqual(['host'])
    expect(await show(second, '/key/deactivate', makeProof('/key/deactivate'))).toBe(200)
  })

  // Before, the second instance moved the slot back and forth.
  it('moves a slot once', async () => {
    await show(first, '/key/activate', makeProof('/key/activate'))
    const stolen = makeProof('/key/activate')
    const moving = { hostId: 'other', previousHostIds: ['host'] }
    expect(await show(first, '/key/activate', stolen, moving)).toBe(200)
    const back = { hostId: 'host', previousHostIds: ['other'] }
    expect(await show(first, '/key/activate', makeProof('/key/activate'), back)).toBe(200)
    expect(await show(second, '/key/activate', stolen, moving)).toBe(401)
    expect(await hosts()).toEqual(['host'])
  })

  it('costs the store nothing where it comes to a slot, or a token, for its own host', async () => {
    const proof = makeProof('/key/activate')
    expect(await show(first, '/key/activate', proof)).toBe(200)
    expect(await show(second, '/key/activate', proof)).toBe(200)
    expect(await hosts()).toEqual(['host'])
    first.clock.now = new Date(START.getTime() + 3_600_000)
    expect((await first.licensing.runHousekeeping()).idempotencyRecords).toBe(0)
  })

  it('serves one of two at once', async () => {
    await show(first, '/key/activate', makeProof('/key/activate'))
    for (let round = 0; round < 10; round++) {
      const proof = makeProof('/key/deactivate')
      const statuses = await Promise.all([first, second].map((at) => show(at, '/key/deactivate', proof)))
      // The other finds no host, or a proof that was taken.
      expect(statuses.sort()).toEqual([200, expect.toSatisfy((status) => status === 401 || status === 404)])
      expect(await show(second, '/key/activate', makeProof('/key/activate'))).toBe(200)
    }
  })

  it('repeats an answer to its idempotency key', async () => {
    await show(first, '/key/activate', makeProof('/key/activate'))
    const proof = makeProof('/key/deactivate')
    const headers = { 'Idempotency-Key': 'one' }
    expect(await show(first, '/key/deactivate', proof, {}, headers)).toBe(200)
    expect(await show(second, '/key/deactivate', proof, {}, headers)).toBe(200)
  })

  it('is forgotten once it is good nowhere', async () => {
    await show(first, '/key/activate', makeProof('/key/activate'))
    await show(first, '/key/deactivate', makeProof('/key/deactivate'))
    const purgedAt = async (seconds: number) => {
      first.clock.now = new Date(START.getTime() + seconds * 1000)
      return (await first.licensing.runHousekeeping()).idempotencyRecords
    }
    expect(await purgedAt(599)).toBe(0)
    expect(await purgedAt(600)).toBe(1)
  })
})
