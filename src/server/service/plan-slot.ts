import { createHash } from 'node:crypto'
import type { Licensee } from '../../domain/activation'
import type { EventType } from '../../domain/event'
import type { FileRequest } from '../../domain/file-end'
import type { LiveToken, PreviousToken } from '../../domain/live-token'
import { createId } from '../../domain/random'
import type { SlotRequest } from '../../domain/slot-request'
import { type Call, planEvent, type ServiceContext } from './context'

/** A host that is to have a slot. */
export interface SlotInput {
  /** Absent: the server makes a random one, and the caller keeps it. */
  readonly hostId?: string | undefined
  /** The ids this host went by before, the likeliest first: the slot of the first that holds one becomes its own. */
  readonly previousHostIds?: readonly string[] | undefined
  /** The device, by the id of its activation, whose slot this host is to have where it holds none. */
  readonly replaceDevice?: string | undefined
  readonly deviceTag?: string | undefined
  readonly appVersion?: string | undefined
  readonly licensee?: Licensee | undefined
  readonly file?: FileRequest | undefined
  /** Set where it is a login by AuthTool's client API: the product. */
  readonly authtoolProductId?: string | undefined
  /** What shows that the host had a slot before. */
  readonly token?: LiveToken | undefined
  /** Shown by a host that may be a copy of its previous one. */
  readonly previousToken?: PreviousToken | undefined
}

/** What the storage step is asked for. */
export function planSlot(context: ServiceContext, call: Call, input: SlotInput): SlotRequest {
  const hostId = input.hostId ?? createId('host', context.random)
  return {
    id: createId('act', context.random),
    hostId,
    deviceTag: input.deviceTag ?? null,
    address: call.actor.address,
    appVersion: input.appVersion ?? null,
    licensee: input.licensee ?? null,
    jti: createId('lt', context.random),
    ...call.proof,
    previousHostIds: input.previousHostIds ?? [],
    replaceDevice: input.replaceDevice,
    file: input.file,
    authtoolProductId: input.authtoolProductId ?? null,
    token: input.token,
    previousToken: input.previousToken,
    rules: context.seats,
    unit: unitOf(call, input, hostId),
  }
}

/** The events a claim may have, by what it comes to. */
export function planSlotEvents(
  context: ServiceContext,
  call: Call,
  productId: string,
  claim: SlotRequest,
  { eventType, now }: { readonly eventType: EventType; readonly now: Date },
) {
  const about = { productId, hostId: claim.hostId }
  const event = (type: EventType, data: object = {}) => [planEvent(context, call, now, type, { ...about, ...data })]
  const { previousHostIds = [], replaceDevice, proofKey = null } = claim
  const taken = event(eventType)
  return {
    created: taken,
    resumed: taken,
    ...(proofKey !== null && { rebound: event('license.rebound') }),
    ...((previousHostIds.length > 0 || replaceDevice !== undefined || proofKey !== null) && {
      moved: event('license.moved', { previousHostIds }),
    }),
  }
}

/** Its host, or the request itself where that has no id that it would repeat. */
function unitOf({ idempotency }: Call, input: SlotInput, hostId: string): string {
  if (input.hostId !== undefined || idempotency === undefined) return hostId
  return createHash('sha256').update(`${idempotency.scope}\0${idempotency.key}`).digest('base64url')
}
