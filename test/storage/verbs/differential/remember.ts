import type { Activation } from '../../../../src/domain/activation'
import type { License } from '../../../../src/domain/license'
import type { Session } from '../../../../src/domain/session'
import type { StoreRecord } from '../../../../src/storage/records'
import type { ClaimedDelivery } from '../../../../src/storage/verbs/store'
import type { Call } from './calls'
import type { KnownSession, World } from './world'

/** Keeps of a call and its outcome what later draws refer to. */
export function remember(world: World, one: Call, outcome: unknown): void {
  const step = one.args.at(-1)
  if (typeof step === 'object' && step !== null && 'idempotency' in step) world.keyed.push(one)
  if (one.verb === 'claimDeliveries') {
    world.held.push(...(outcome as readonly ClaimedDelivery[]).map(({ delivery }) => delivery))
  }
  if (one.verb === 'claimActivation' || one.verb === 'startTrial') rememberDevice(world, outcome)
  if (one.verb === 'exportRecords') rememberRecords(world, outcome as readonly StoreRecord[])
  if (one.verb === 'claimSession' || one.verb === 'renewSession') {
    const { session } = outcome as { readonly session?: Session }
    if (session !== undefined) rememberSession(world, one.args[1].canonicalKey, session)
  }
}

function rememberDevice({ devices }: World, outcome: unknown) {
  const { activation, license } = outcome as { readonly activation?: Activation; readonly license?: License }
  if (activation === undefined || license === undefined) return
  const { id, hostId } = activation
  if (devices.at(-1)?.id !== id) devices.push({ id, hostId, canonicalKey: license.canonicalKey })
}

function rememberSession({ sessions }: World, canonicalKey: string, { id, nonce, expiresAt }: Session) {
  const known: KnownSession = { id, canonicalKey, nonce, expiresAt }
  const index = sessions.findIndex((other) => other.id === id)
  if (index !== -1) sessions.splice(index, 1)
  sessions.push(known)
}

/** In the order in which they can be carried over, owners first. */
function rememberRecords(world: World, exported: readonly StoreRecord[]) {
  const kind = exported[0]?.kind
  if (kind === undefined) return
  world.records = [...world.records.filter((record) => record.kind !== kind), ...exported.slice(-40)]
}
