import assert from 'node:assert/strict'
import type { Activation } from '../../../../src/domain/activation'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  claim,
  claimAs,
  HOUR_MS,
  NOW,
  newActivation,
  newCustomer,
  newIdempotency,
  newLicense,
  newProduct,
  newProofKey,
  OTHER_ACCOUNT,
  release,
  type Sale,
  sell,
  sellMore,
} from './entities'
import { revoked } from './observations'
import { outcomeOf, tally } from './outcomes'
import { RESTING } from './spending'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'
import { EVERY_HOST } from './unseen-hosts'

const step = { now: NOW }

/** A customer's license on two hosts, and one on a third that nothing here is about. */
async function activeScene(storage: Store): Promise<Sale> {
  await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), step)
  const sale = await sell(storage, { customerId: 'cus_ada', cleanable: true })
  const other = await sellMore(storage, sale.product, 'two')
  for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
  outcomeOf(await claim(storage, other, 'host-3'), 'created')
  return sale
}

interface Ending {
  /** The token ids that are revoked, once it has happened. */
  readonly tokenIds: readonly string[]
  readonly call: (storage: Store, sale: Sale) => Promise<unknown>
}

function ending(tokenIds: readonly string[], call: Ending['call']): Ending {
  return { tokenIds, call }
}

const BOTH = ['jti_host-1.0', 'jti_host-2.0']

/** A claim of `host-1` with a key, and tokens of its own. */
function bound(name: string) {
  return newActivation('host-1', { proofKey: newProofKey(name), jti: `jti_${name}` })
}

/** What revokes, and what does not. */
const endings: Readonly<Record<string, Ending>> = {
  'releasing a host revokes its tokens': ending(['jti_host-1.0'], (storage, { target }) =>
    storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-1' }, step),
  ),
  'moving a slot revokes the tokens of the host before': ending(['jti_host-1.0'], (storage, sale) =>
    claimAs(storage, sale, 'host-4', ['host-1', 'host-2']),
  ),
  'binding a host to another key revokes the tokens of the key before': ending(['jti_host-1.0'], (storage, sale) =>
    claim(storage, sale, bound('again')),
  ),
  'surrendering a slot revokes its tokens': ending(['jti_host-1.0'], (storage, sale) =>
    release(storage, sale, 'host-1', { rules: RESTING }),
  ),
  'a host with a slot of its own revokes nobody’s tokens, whatever ids it names': ending([], (storage, sale) =>
    claimAs(storage, sale, 'host-2', ['host-1']),
  ),
  'freeing an unseen host revokes its tokens': ending(['jti_host-1.0'], (storage, { license }) =>
    storage.releaseUnseen(ACCOUNT.id, { licenseId: license.id, hostId: 'host-1' }, EVERY_HOST, step),
  ),
  'releasing all revokes all': ending(BOTH, (storage, { target }) =>
    storage.releaseAllActivations(ACCOUNT.id, target, step),
  ),
  'a reset revokes all': ending(BOTH, (storage, { target }) => storage.resetLicense(ACCOUNT.id, target, step)),
  'deleting a license revokes all': ending(BOTH, (storage, { target }) =>
    storage.deleteLicense(ACCOUNT.id, target, step),
  ),
  'deleting a customer revokes all': ending(BOTH, (storage) => storage.deleteCustomer(ACCOUNT.id, 'cus_ada', step)),
  'purging a license revokes all': ending(BOTH, (storage) => storage.purgeExpired(after(HOUR_MS), 100)),
  'blocking revokes all': ending(BOTH, (storage, { target }) =>
    storage.updateLicense(ACCOUNT.id, target, { blocked: true }, step),
  ),
  'other changes revoke nothing': ending([], (storage, { target }) =>
    storage.updateLicense(
      ACCOUNT.id,
      target,
      { blocked: false, maxActivations: 0, expiresAt: NOW, allowedHosts: [], type: 'floating', customerId: null },
      step,
    ),
  ),
  'claiming again revokes nothing': ending([], (storage, sale) => claim(storage, sale, 'host-1', after(HOUR_MS))),
  'releasing a host without a slot revokes nothing': ending([], (storage, { target }) =>
    storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-3' }, step),
  ),
  'disabling the customer, or switching the product off, revokes nothing': ending([], async (storage) => {
    await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, step)
    await storage.updateProduct(ACCOUNT.id, 'prod_editor', { active: false }, step)
  }),
}

export const revocations: ConformanceGroup = {
  name: 'revocations',
  tests: {
    ...testsFor(
      endings,
      (name) => name,
      async ({ storage }, { tokenIds, call }) => {
        const sale = await activeScene(storage)
        const before = await revoked(storage)
        assert.deepEqual(before.tokenIds, [])
        await call(storage, sale)
        const { version, tokenIds: listed } = await revoked(storage)
        assert.deepEqual(listed, tokenIds)
        assert.equal(version > before.version, tokenIds.length > 0, `${before.version} became ${version}`)
      },
    ),

    'blocking twice revokes once; what is issued after an unblock is revoked anew': async ({ storage }) => {
      const { target } = await activeScene(storage)
      const block = (blocked: boolean) => storage.updateLicense(ACCOUNT.id, target, { blocked }, step)
      await block(true)
      const first = await revoked(storage)
      await block(true)
      assert.deepEqual(await revoked(storage), first)
      await block(false)
      assert.deepEqual(await revoked(storage), first)
      await block(true)
      const second = await revoked(storage)
      assert.deepEqual(second.tokenIds, [...BOTH, 'jti_host-1.1', 'jti_host-2.1'].toSorted())
      assert.ok(second.version > first.version)
      await storage.resetLicense(ACCOUNT.id, target, step)
      assert.deepEqual((await revoked(storage)).tokenIds.slice(-3), ['jti_host-2.0', 'jti_host-2.1', 'jti_host-2.2'])
    },

    'an entry is listed until no token can be used, to the millisecond': async ({ storage }) => {
      const sale = await sell(storage)
      const ends: Date[] = []
      for (const [host, milliseconds] of Object.entries({ 'host-1': 0, 'host-2': 1_000, 'host-3': 2_000 })) {
        const { activation } = outcomeOf(await claim(storage, sale, host, after(milliseconds)), 'created')
        ends.push(activation.tokensEndAt)
      }
      const [first = NOW, second = NOW] = ends
      const seen = { lastSeenAt: NOW, tokensEndAt: after(365 * 24 * HOUR_MS) }
      await storage.touchActivation(ACCOUNT.id, sale.license.id, 'host-3', seen)
      await storage.resetLicense(ACCOUNT.id, sale.target, step)

      const listedAt = async (now: Date, milliseconds = 0) => {
        const { tokenIds } = await revoked(storage, new Date(now.getTime() + milliseconds))
        return tokenIds.map((tokenId) => tokenId.replace(/jti_host-(.)\.0/, '$1')).join('')
      }
      assert.equal(await listedAt(first, -1), '123')
      assert.equal(await listedAt(first), '23')
      assert.equal(await listedAt(second, -1), '23')
      assert.equal(await listedAt(second), '3')
      assert.equal(await listedAt(seen.tokensEndAt, -1), '3')
      assert.equal(await listedAt(seen.tokensEndAt), '')
    },

    'the version grows with every entry, and purging does not take it back': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      const versions = [(await revoked(storage)).version]
      let last: Activation | undefined
      for (const host of ['a', 'b', 'c', 'd', 'e']) {
        last = outcomeOf(await claim(storage, sale, host), 'created').activation
        await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: host }, step)
        versions.push((await revoked(storage)).version)
      }
      const end = last?.tokensEndAt ?? NOW
      const purge = async (now: Date) => (await storage.purgeExpired(now, 2)).revocations
      assert.equal(await purge(new Date(end.getTime() - 1)), 0)
      const purged: number[] = []
      for (let call = 0; call < 4; call += 1) purged.push(await purge(end))
      assert.deepEqual(purged, [2, 2, 1, 0])
      const kept = await revoked(storage)
      assert.deepEqual(kept.tokenIds, [])
      assert.ok(kept.version >= (versions.at(-1) ?? Number.NaN))

      outcomeOf(await claim(storage, sale, 'f'), 'created')
      await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'f' }, step)
      versions.push((await revoked(storage)).version)
      assert.equal(new Set(versions).size, versions.length)
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => a - b),
      )
    },

    'a host that comes back has tokens of its own': async ({ storage }) => {
      const sale = await sell(storage)
      const activate = (jti: string) =>
        storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1', { id: `act_${jti}`, jti }), step)
      const release = () => storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' }, step)
      for (const jti of ['first', 'second']) {
        outcomeOf(await activate(jti), 'created')
        outcomeOf(await release(), 'released')
      }
      outcomeOf(await activate('third'), 'created')
      assert.deepEqual((await revoked(storage)).tokenIds, ['first.0', 'second.0'])
    },

    'the tokens of the host before are listed as long as they last, apart from those of the host after': async ({
      storage,
    }) => {
      const sale = await sell(storage)
      const { activation: held } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const { activation } = outcomeOf(await claimAs(storage, sale, 'host-2', ['host-1'], after(1_000)), 'moved')
      const listedAt = async (now: Date) => (await revoked(storage, now)).tokenIds
      assert.deepEqual(await listedAt(new Date(held.tokensEndAt.getTime() - 1)), ['jti_host-1.0'])
      assert.deepEqual(await listedAt(held.tokensEndAt), [])
      await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-2' }, { now: after(1_000) })
      assert.deepEqual(await listedAt(held.tokensEndAt), ['jti_host-2.0'])
      assert.deepEqual(await listedAt(activation.tokensEndAt), [])
    },

    'the tokens of each key are listed as long as they last, but those of the key that is bound': async ({
      storage,
    }) => {
      const sale = await sell(storage)
      const first = outcomeOf(await claim(storage, sale, bound('first')), 'created')
      const second = outcomeOf(await claim(storage, sale, bound('second'), after(1_000)), 'rebound')
      const listedAt = async (now: Date) => (await revoked(storage, now)).tokenIds
      const before = await revoked(storage)
      assert.deepEqual(before.tokenIds, ['jti_first.0'])
      outcomeOf(await claim(storage, sale, bound('second'), after(1_000)), 'existing')
      outcomeOf(await claim(storage, sale, 'host-1', after(1_000)), 'proof-required')
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: newProofKey('first') }), 'proof-required')
      assert.deepEqual(await revoked(storage), before)
      assert.deepEqual(await listedAt(first.activation.tokensEndAt), [])
      outcomeOf(await claim(storage, sale, bound('third'), after(2_000)), 'rebound')
      assert.deepEqual(await listedAt(first.activation.tokensEndAt), ['jti_second.0'])
      assert.deepEqual(await listedAt(second.activation.tokensEndAt), [])
    },

    'a slot that is taken back has tokens of its own, those of before stay listed': async ({ storage }) => {
      const sale = await sell(storage)
      const first = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await release(storage, sale, 'host-1', { rules: RESTING }, after(500)), 'surrendered')
      const again = newActivation('host-1', { jti: 'jti_again' })
      outcomeOf(await claim(storage, sale, again, after(1_000)), 'resumed')
      const listedAt = async (now: Date) => (await revoked(storage, now)).tokenIds
      assert.deepEqual(await listedAt(new Date(first.activation.tokensEndAt.getTime() - 1)), ['jti_host-1.0'])
      assert.deepEqual(await listedAt(first.activation.tokensEndAt), [])
      outcomeOf(await release(storage, sale, 'host-1', { rules: RESTING }, after(1_500)), 'surrendered')
      assert.deepEqual(await listedAt(NOW), ['jti_again.0', 'jti_host-1.0'])
    },

    'those of all accounts are one list': async ({ storage }) => {
      await activeScene(storage)
      const accountId = OTHER_ACCOUNT.id
      await storage.insertProduct(accountId, newProduct('theirs'), step)
      const theirs = newLicense('theirs', { accountId, productIds: ['prod_theirs'] })
      outcomeOf(await storage.insertLicenses(accountId, { licenses: [theirs] }, step), 'created')
      const target = { canonicalKey: theirs.canonicalKey, productId: 'prod_theirs' }
      outcomeOf(await storage.claimActivation(accountId, target, newActivation('host-9'), step), 'created')
      outcomeOf(await storage.releaseAllActivations(accountId, target, step), 'released')
      await storage.deleteCustomer(ACCOUNT.id, 'cus_ada', step)
      assert.deepEqual((await revoked(storage)).tokenIds, [...BOTH, 'jti_host-9.0'])
    },

    'a replay revokes nothing again': async ({ storage }) => {
      const { target } = await activeScene(storage)
      const once = { now: NOW, idempotency: newIdempotency('key-1') }
      const release = () => storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-1' }, once)
      outcomeOf(await release(), 'released')
      const before = await revoked(storage)
      outcomeOf(await release(), 'released')
      assert.deepEqual(await revoked(storage), before)
    },

    'no claim among a block escapes it': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      const [blocking, ...outcomes] = await Promise.all([
        storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, step),
        ...Array.from({ length: 20 }, (_, index) => claim(storage, sale, `host-${index}`)),
      ])
      outcomeOf(blocking, 'updated')
      const { created = 0 } = tally(outcomes)
      assert.equal((await revoked(storage)).tokenIds.length, created)
    },
  },
}
