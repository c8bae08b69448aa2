import type { Store } from '../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  claim,
  claimAs,
  NOW,
  newActivation,
  newCustomer,
  newLicense,
  newProduct,
  newProofKey,
  release,
  type Sale,
} from './kit/entities'
import { spendOn } from './kit/spending'

export const MOVES = { name: 'moves', limit: 2, periodMs: 60_000 }

/** Charges a license, which never is short of slots. */
export function spend(storage: Store, unit: string, canonicalKey = 'KEY-ONE') {
  return spendOn(storage, ACCOUNT.id, { canonicalKey, productId: 'prod_editor' }, MOVES, unit, NOW)
}

/** Spends allowances of five licenses; all but `lic_4` then lose them, each in another way. */
export async function spendAndForget(storage: Store): Promise<void> {
  await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
  await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
  const terms = [{ customerId: 'cus_ada' }, { cleanable: true, expiresAt: after(1) }, {}, {}, {}]
  for (const [index, each] of terms.entries()) {
    await storage.insertLicenses(
      ACCOUNT.id,
      { licenses: [newLicense(`${index}`, { ...each, maxActivations: null })] },
      { now: NOW },
    )
    await spend(storage, 'a', `KEY-${index}`)
  }
  await storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW })
  await storage.purgeExpired(after(1), 10)
  await storage.deleteLicense(ACCOUNT.id, { canonicalKey: 'KEY-2' }, { now: NOW })
  await storage.resetLicense(ACCOUNT.id, { canonicalKey: 'KEY-3' }, { now: NOW })
}

/** What can become of a slot where no rules are asked, and what should come of each step. */
export const SLOT_STEPS = ['created', 'moved', 'rebound', 'released']

/** Takes those steps; in their order, what came of each. */
export async function takeSlotSteps(storage: Store, sale: Sale): Promise<readonly string[]> {
  const bound = newActivation('host-2', { proofKey: newProofKey('own') })
  const outcomes = [
    await claim(storage, sale, 'host-1'),
    await claimAs(storage, sale, 'host-2', ['host-1']),
    await claim(storage, sale, bound),
    await release(storage, sale, 'host-2', { proofKey: newProofKey('own') }),
  ]
  return outcomes.map(({ kind }) => kind)
}
