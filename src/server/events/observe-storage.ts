import type { AuditEvent } from '../../domain/event'
import type { Replayable, Step, Storage } from '../../storage/contract'

/**
 * The same storage, which tells of the events its steps have stored. Every verb that takes a step takes the account
 * first and the step last, so that none needs to be named here.
 * @param onStored called before the step's caller goes on; must not throw
 */
export function observeStorage(storage: Storage, onStored: (events: readonly AuditEvent[]) => void): Storage {
  // An heir rather than the storage itself: a proxy may not answer for the frozen members of its target.
  return new Proxy<Storage>(Object.create(storage), {
    get(_, name) {
      const member: unknown = Reflect.get(storage, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(member, storage, args)
        const [accountId, step] = [args[0], args.at(-1)]
        if (typeof accountId !== 'string' || !hasEvents(step)) return answer
        return Promise.resolve(answer).then((outcome) => {
          const stored = storedEvents(accountId, step, outcome as Outcome)
          if (stored.length > 0) onStored(stored)
          return outcome
        })
      }
    },
  })
}

type Outcome = Replayable<{ readonly kind: string; readonly license?: { readonly id: string } }>
type Events = Required<Pick<Step<string>, 'events'>>

function hasEvents(step: unknown): step is Events {
  return typeof step === 'object' && step !== null && 'events' in step && step.events !== undefined
}

/** Those of the outcome that happened, as the contract says they are stored; a replay stores nothing. */
function storedEvents(accountId: string, { events }: Events, outcome: Outcome): readonly AuditEvent[] {
  if (outcome.replayed !== undefined) return []
  const licenseId = outcome.license?.id ?? null
  return (events[outcome.kind] ?? []).map((event) => ({ licenseId, ...event, accountId }))
}
