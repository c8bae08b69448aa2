import assert from 'node:assert/strict'
import type { NewActivation } from '../../../../src/domain/activation'
import { type Activation, takeOver } from '../../../../src/domain/activation'
import type { Product } from '../../../../src/domain/product'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, type Sale } from './entities'
import { outcomeOf } from './outcomes'

/** What becomes of a slot that a claim takes over, where its host may have another user. */
export function takenOver(
  held: Activation,
  product: Product,
  asked: NewActivation,
  stampFloor: number,
  now: Date,
): Activation {
  const taken = takeOver(held, product, asked, { usersPerHost: undefined, replaces: false, stampFloor }, now)
  assert.ok(taken !== 'users-exceeded')
  return taken
}

/** What is stored of a host that holds a slot, where it is found and where it is listed. */
export async function slotOf(storage: Store, { license, target }: Sale, hostId: string): Promise<Activation> {
  const found = outcomeOf(await storage.findActivation(ACCOUNT.id, { ...target, hostId }), 'found')
  const { items } = await storage.listActivations(ACCOUNT.id, license.id, ALL)
  const listed = items.find((activation) => activation.hostId === hostId)
  assert.deepEqual(found.activation, listed)
  assert.ok(listed !== undefined, `${hostId} holds a slot`)
  return listed
}

export function thumbprintsOf({ keys }: Pick<Activation, 'keys'>): readonly string[] {
  return keys.filter(({ leftAt }) => leftAt === null).map(({ thumbprint }) => thumbprint)
}

/** The keys a host is bound to, the oldest first. */
export async function boundKeys(storage: Store, sale: Sale, hostId: string): Promise<readonly string[]> {
  return thumbprintsOf(await slotOf(storage, sale, hostId))
}
