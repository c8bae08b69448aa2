import type { EventType } from '../protocol/enumerations'
import type { EventData } from './event-data'

export { EVENT_TYPES, type EventType } from '../protocol/enumerations'

/** Who did it, from where. */
export interface Actor {
  /** Id of the access token; `api` for an in-process call, `housekeeping` and `webhooks` for what nobody asked for. */
  readonly id: string
  readonly address: string | null
}

/** An audit record: who did what, when, from where. Never holds a token, a secret or a full license key. */
export interface AuditEvent {
  readonly id: string
  readonly accountId: string
  readonly type: EventType
  readonly at: Date
  readonly actor: Actor
  /** The license it is about, if any. */
  readonly licenseId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** An event whose `type` tells what its `data` holds. */
export type LicensingEvent<T extends EventType = EventType> = {
  [K in T]: AuditEvent & { readonly type: K; readonly data: EventData[K] }
}[T]

/** Which events are meant. */
export interface EventFilter {
  readonly licenseId?: string
  readonly type?: EventType
  /** The instant of the first one. */
  readonly since?: Date
  /** True for the newest first. */
  readonly newestFirst?: boolean
}

/** An event as a service plans it, before the storage step knows whether it happens. */
export type PlannedEvent = Omit<AuditEvent, 'accountId' | 'licenseId'> & {
  /** Given where it is known beforehand; else the storage step takes it from its outcome's `license`, or stores null. */
  readonly licenseId?: string
}
