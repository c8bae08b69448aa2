import assert from 'node:assert/strict'
import type { RevocationSubject } from '../../../../src/protocol/revocation-list'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  CEILING,
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
import { idsOf, revoked, revokedIds } from './observations'
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
  /** What is revoked, once it has happened. */
  readonly of: readonly RevocationSubject[]
  readonly call: (storage: Store, sale: Sale) => Promise<unknown>
}

function ending(of: readonly RevocationSubject[], call: Ending['call']): Ending {
  return { of, call }
}

const LICENSE: RevocationSubject = ['lic_one']
const HOST: RevocationSubject = ['lic_one', 'host-1']

/** A claim of `host-1` with a key, and tokens of its own. */
function bound(name: string) {
  return newActivation('host-1', { proofKey: newProofKey(name), jti: `jti_${name}` })
}

function keyOf(name: string): RevocationSubject {
  return ['lic_one', 'host-1', newProofKey(name)]
}

/** What revokes, and what does not. */
const endings: Readonly<Record<string, Ending>> = {
  'releasing a host revokes its tokens': ending([HOST], (storage, { target }) =>
    storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-1' }, step),
  ),
  'moving a slot revokes the tokens of the host before': ending([HOST], (storage, sale) =>
    claimAs(storage, sale, 'host-4', ['host-1', 'host-2']),
  ),
  'binding a host to its first key revokes nothing': ending([], (storage, sale) =>
    claim(storage, sale, bound('again')),
  ),
  'binding a host to another key revokes nothing': ending([], async (storage, sale) => {
    outcomeOf(await claim(storage, sale, bound('first')), 'rebound')
    outcomeOf(await claim(storage, sale, bound('second')), 'rebound')
  }),
  'a user who leaves a slot to others revokes nothing': ending([], async (storage, sale) => {
    const shown = (name: string) => newActivation('host-4', { proofKey: newProofKey(name) })
    outcomeOf(await claim(storage, sale, shown('first')), 'created')
    outcomeOf(await claim(storage, sale, shown('second')), 'rebound')
    outcomeOf(await release(storage, sale, 'host-4', { proofKey: newProofKey('second') }), 'pending')
    outcomeOf(await claim(storage, sale, shown('second')), 'rebound')
    outcomeOf(await release(storage, sale, 'host-4', { proofKey: newProofKey('first') }), 'kept')
  }),
  'freeing a slot for all its users revokes its tokens once': ending([HOST], async (storage, sale) => {
    outcomeOf(await claim(storage, sale, bound('first')), 'rebound')
    outcomeOf(await claim(storage, sale, bound('second')), 'rebound')
    const how = { proofKey: newProofKey('first'), forAll: true } as const
    outcomeOf(await release(storage, sale, 'host-1', how), 'released')
  }),
  'surrendering a slot revokes nothing': ending([], (storage, sale) =>
    release(storage, sale, 'host-1', { rules: RESTING }),
  ),
  'freeing a surrendered slot for the vendor revokes its tokens': ending([HOST], async (storage, sale) => {
    outcomeOf(await release(storage, sale, 'host-1', { rules: RESTING }), 'surrendered')
    outcomeOf(await release(storage, sale, 'host-1', { trusted: true }), 'released')
  }),
  'a host with a slot of its own revokes nobody’s tokens, whatever ids it names': ending([], (storage, sale) =>
    claimAs(storage, sale, 'host-2', ['host-1']),
  ),
  'freeing an unseen host revokes its tokens': ending([HOST], (storage, { license }) =>
    storage.releaseUnseen(ACCOUNT.id, { licenseId: license.id, hostId: 'host-1' }, EVERY_HOST, step),
  ),
  'releasing all revokes all': ending([LICENSE], (storage, { target }) =>
    storage.releaseAllActivations(ACCOUNT.id, target, step),
  ),
  'a reset revokes all': ending([LICENSE], (storage, { target }) => storage.resetLicense(ACCOUNT.id, target, step)),
  'deleting a license revokes all': ending([LICENSE], (storage, { target }) =>
    storage.deleteLicense(ACCOUNT.id, target, step),
  ),
  'deleting a customer revokes all': ending([LICENSE], (storage) =>
    storage.deleteCustomer(ACCOUNT.id, 'cus_ada', step),
  ),
  'purging a license revokes all': ending([LICENSE], (storage) => storage.purgeExpired(after(HOUR_MS), 100)),
  'blocking revokes all': ending([LICENSE], (storage, { target }) =>
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
      async ({ storage }, { of, call }) => {
        const sale = await activeScene(storage)
        assert.deepEqual(await revokedIds(storage), [])
        await call(storage, sale)
        assert.deepEqual(await revokedIds(storage), idsOf(...of))
      },
    ),

    'blocking twice revokes once; what is issued after an unblock is revoked anew': async ({ storage }) => {
      const sale = await activeScene(storage)
      const block = (blocked: boolean) => storage.updateLicense(ACCOUNT.id, sale.target, { blocked }, step)
      await block(true)
      const first = await revoked(storage)
      const other = await sellMore(storage, sale.product, 'three')
      outcomeOf(await claim(storage, other, 'host-1', after(HOUR_MS)), 'created')
      await block(true)
      assert.deepEqual(await revoked(storage), first)
      await block(false)
      assert.deepEqual(await revoked(storage), first)
      const { stamp } = outcomeOf(await claim(storage, sale, 'host-1'), 'existing')
      assert.ok(stamp > (first[0]?.stamp ?? stamp))
      await block(true)
      const second = await revoked(storage)
      assert.deepEqual(await revokedIds(storage), idsOf(LICENSE))
      assert.ok((second[0]?.stamp ?? 0) >= stamp)
    },

    'an entry is listed until no token can be used': async ({ storage }) => {
      const sale = await sell(storage)
      const ends: Date[] = []
      for (const [host, milliseconds] of Object.entries({ 'host-1': 0, 'host-2': 1_000, 'host-3': 2_000 })) {
        const { activation } = outcomeOf(await claim(storage, sale, host, after(milliseconds)), 'created')
        ends.push(activation.tokensEndAt)
      }
      const [first = NOW, second = NOW] = ends
      const { activation: seen } = outcomeOf(await claim(storage, sale, 'host-3', after(24 * HOUR_MS)), 'existing')
      const releaseHost = (hostId: string) =>
        storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId, trusted: true }, step)
      for (const host of ['host-1', 'host-2', 'host-3']) outcomeOf(await releaseHost(host), 'released')

      const listedAt = (end: Date, seconds = 0) => revokedIds(storage, new Date(end.getTime() + seconds * 1_000))
      const [one, two, three] = ['host-1', 'host-2', 'host-3'].map((host): RevocationSubject => ['lic_one', host])
      assert.deepEqual(await listedAt(first, -1), idsOf(one ?? HOST, two ?? HOST, three ?? HOST))
      assert.deepEqual(await listedAt(first, 1), idsOf(two ?? HOST, three ?? HOST))
      assert.deepEqual(await listedAt(second, 1), idsOf(three ?? HOST))
      assert.deepEqual(await listedAt(seen.tokensEndAt, -1), idsOf(three ?? HOST))
      assert.deepEqual(await listedAt(seen.tokensEndAt, 1), [])
    },

    'entries that have ended are purged, and stamps go on above them': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 9 })
      const late = outcomeOf(await claim(storage, sale, 'z', after(HOUR_MS)), 'created')
      let last = { stamp: 0, end: NOW }
      for (const host of ['a', 'b', 'c', 'd', 'e']) {
        const { activation } = outcomeOf(await claim(storage, sale, host), 'created')
        await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: host }, step)
        const stamp = (await revoked(storage))[0]?.stamp ?? 0
        last = { stamp, end: activation.tokensEndAt }
      }
      const purge = async (now: Date) => (await storage.purgeExpired(now, 2)).revocations
      assert.equal(await purge(new Date(last.end.getTime() - 1)), 0)
      const purged: number[] = []
      for (let call = 0; call < 4; call += 1) purged.push(await purge(last.end))
      assert.deepEqual(purged, [2, 2, 1, 0])
      assert.deepEqual(await revoked(storage), [])
      outcomeOf(await release(storage, sale, 'z', {}, last.end), 'released')
      assert.ok(((await revoked(storage))[0]?.stamp ?? 0) >= late.stamp)
      assert.ok(outcomeOf(await claim(storage, sale, 'a', last.end), 'created').stamp > last.stamp)
    },

    'a host that comes back has tokens above its entry': async ({ storage }) => {
      const sale = await sell(storage)
      for (let round = 0; round < 3; round += 1) {
        const { stamp } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
        const [entry] = await revoked(storage)
        assert.ok(stamp > (entry?.stamp ?? 0))
        assert.deepEqual(await revokedIds(storage), round === 0 ? [] : idsOf(HOST))
        outcomeOf(await release(storage, sale, 'host-1'), 'released')
        assert.deepEqual(await revokedIds(storage), idsOf(HOST))
        assert.ok(((await revoked(storage))[0]?.stamp ?? 0) >= stamp)
      }
    },

    'a host that comes back has tokens above its entry, whichever clock is behind': async ({ storage }) => {
      const sale = await sell(storage)
      const clocks = [after(600_000), NOW, after(600_000), NOW, NOW, after(600_000)]
      for (const [round, now] of clocks.entries()) {
        const { stamp } = outcomeOf(await claim(storage, sale, 'host-1', now), 'created')
        const [before] = await revoked(storage)
        assert.ok(stamp > (before?.stamp ?? 0) && stamp >= now.getTime())
        const later = clocks[(round + 2) % clocks.length] ?? now
        outcomeOf(await release(storage, sale, 'host-1', {}, later), 'released')
        assert.ok(((await revoked(storage))[0]?.stamp ?? 0) >= stamp)
      }
    },

    'a host that comes back has tokens above the entry of one of its keys, where it has none itself': async ({
      storage,
    }) => {
      const sale = await sell(storage, { maxActivations: null })
      const [id = ''] = idsOf(keyOf('first'))
      const entry = { id, productId: 'prod_editor', licenseId: 'lic_one', hostId: 'host-1', rank: 0 }
      const value = { ...entry, stamp: CEILING, endsAt: after(HOUR_MS) }
      await storage.importRecords([{ kind: 'revocation', value }])
      assert.deepEqual(await revokedIds(storage), [id])
      const { stamp } = outcomeOf(await claim(storage, sale, bound('first')), 'created')
      assert.ok(stamp > CEILING)
      const other = outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      assert.equal(other.stamp, NOW.getTime())
    },

    'tokens of a host’s users have one jti, so that one entry ends them all': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, bound('first')), 'created')
      const second = outcomeOf(await claim(storage, sale, bound('second')), 'rebound')
      assert.deepEqual([second.activation.jti, second.activation.stampFloor], [activation.jti, activation.stampFloor])
      outcomeOf(await release(storage, sale, 'host-1', { trusted: true }), 'released')
      const [entry] = await revoked(storage)
      assert.deepEqual(await revokedIds(storage), idsOf(HOST))
      assert.ok((entry?.stamp ?? 0) >= second.stamp)
    },

    'what is revoked of a host is noted on its license, and concerns no other host': async ({ storage }) => {
      const sale = await activeScene(storage)
      outcomeOf(await release(storage, sale, 'host-1'), 'released')
      const [entry] = await revoked(storage)
      const { license, stamp } = outcomeOf(await claim(storage, sale, 'host-4', after(1)), 'created')
      assert.deepEqual([entry?.stamp, license.revokedStamp], [CEILING, CEILING])
      assert.equal(stamp, after(1).getTime())
    },

    'a revocation leaves the ceiling of stamps as it is': async ({ storage }) => {
      const sale = await activeScene(storage)
      const ceiling = async () => (await storage.exportRecords('stamp-ceiling', null, 1)).records
      const before = await ceiling()
      outcomeOf(await release(storage, sale, 'host-1'), 'released')
      outcomeOf(await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, step), 'updated')
      assert.deepEqual(await ceiling(), before)
    },

    'the list of a product holds what is about it, each entry once': async ({ storage }) => {
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), step)
      const sale = await sell(storage, { productIds: ['prod_viewer', 'prod_editor'] })
      const other = await sellMore(storage, sale.product, 'two')
      for (const one of [sale, other]) {
        outcomeOf(await claim(storage, one, 'host-1'), 'created')
        await storage.updateLicense(ACCOUNT.id, one.target, { blocked: true }, step)
      }
      const of = async (productId: string) =>
        (await storage.listRevocations(NOW, productId))?.map(({ id }) => id).toSorted()
      assert.deepEqual(await of('prod_viewer'), idsOf(LICENSE))
      assert.deepEqual(await of('prod_editor'), idsOf(LICENSE, ['lic_two']))
      assert.deepEqual(await revokedIds(storage), idsOf(LICENSE, ['lic_two']))
      assert.equal(await storage.listRevocations(NOW, 'prod_nobody_has'), null)
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
      assert.deepEqual(await revokedIds(storage), idsOf(LICENSE, ['lic_theirs']))
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
      assert.deepEqual(await revokedIds(storage), created > 0 ? idsOf(LICENSE) : [])
    },
  },
}
