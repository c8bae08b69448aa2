import { type AuditEvent, EVENT_TYPES, type EventType, type LicensingEvent } from '../../domain/event'
import { didYouMean } from '../../protocol/unknown-name'
import type { Logger } from '../options'
import { quietLogger } from './quiet-logger'

/** Called after the event was stored. What it returns is not used; what it throws or rejects with is logged. */
export type EventListener<T extends EventType> = (event: LicensingEvent<T>) => unknown

/** Tells the host app what happened, in its own process. */
export interface EventBus {
  /**
   * Calls `listener` for every event of this type that **this process** stores from now on, each at most once. Use a
   * webhook for what must not be missed. A listener added twice is called once.
   * @throws {TypeError} where there are no events of this type, and where the listener is no function
   */
  on<T extends EventType>(type: T, listener: EventListener<T>): void
  off<T extends EventType>(type: T, listener: EventListener<T>): void
  /** Never throws. */
  emit(event: AuditEvent): void
}

export function createEventBus(logger: Logger): EventBus {
  const quiet = quietLogger(logger)
  const listeners = new Map<EventType, Set<EventListener<EventType>>>()
  return {
    on(type, listener) {
      requireType(type)
      if (typeof listener !== 'function') throw new TypeError('licensing.on: the listener must be a function')
      const ofType = listeners.get(type) ?? new Set()
      listeners.set(type, ofType.add(listener as EventListener<EventType>))
    },
    off(type, listener) {
      requireType(type)
      listeners.get(type)?.delete(listener as EventListener<EventType>)
    },
    emit(event) {
      const failed = (error: unknown) => quiet.error(`keyslot: a listener for ${event.type} failed`, error)
      // A copy of the set, for listeners may come and go meanwhile.
      for (const listener of [...(listeners.get(event.type) ?? [])]) callSafely(listener, event, failed)
    },
  }
}

function requireType(type: EventType): void {
  if (EVENT_TYPES.includes(type)) return
  throw new TypeError(
    `licensing.on: there are no events of type ${String(type)}${didYouMean(String(type), EVENT_TYPES)}`,
  )
}

function callSafely(listener: EventListener<EventType>, event: AuditEvent, failed: (error: unknown) => void): void {
  try {
    Promise.resolve(listener(event as LicensingEvent)).catch(failed)
  } catch (error) {
    failed(error)
  }
}
