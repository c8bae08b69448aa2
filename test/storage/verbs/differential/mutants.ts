import { setImmediate as turn } from 'node:timers/promises'
import { LAST_SEEN_INTERVAL_MS } from '../../../../src/domain/activation'
import { STAMP_CEILING } from '../../../../src/domain/stamp'
import type { Change, Query, Row, Storage } from '../../../../src/storage/contract'
import type { Idempotency, Store } from '../../../../src/storage/verbs/store'
import { type MakePlace, memoryPlaceOf, type Place } from './places'

/** A storage on memory with one rule broken, and how many handles it takes to notice: one for steps made one by one. */
export interface Mutant {
  readonly handles: number
  readonly makePlace: MakePlace
}

function rowsMutant(break_: (rows: Storage) => Partial<Storage>, handles = 1): Mutant {
  return { handles, makePlace: async () => memoryPlaceOf((rows) => ({ ...rows, ...break_(rows) })) }
}

/** Every change passes through `change` first; undefined leaves it out. */
function changesMutant(change: (one: Change) => Change | undefined, handles = 1): Mutant {
  return rowsMutant((rows) => {
    const write: Storage['write'] = async (sets) => {
      if (handles > 1) await turn()
      return rows.write(sets.map((set) => set.map(change).filter((one) => one !== undefined)))
    }
    return handles > 1 ? { ...slowReads(rows), write } : { write }
  }, handles)
}

/** So that another handle writes between a read and its write. */
function slowReads(rows: Storage): Pick<Storage, 'read'> {
  return {
    async read(queries) {
      const answers = await rows.read(queries)
      await turn()
      return answers
    },
  }
}

/** Some verbs do something else. */
function verbsMutant(break_: (sound: Store) => Partial<Store>): Mutant {
  const makePlace = async (): Promise<Place> => {
    const place = memoryPlaceOf((rows) => rows)
    const open = async () => {
      const sound = await place.open()
      return { ...sound, ...break_(sound) }
    }
    return { ...place, open }
  }
  return { handles: 1, makePlace }
}

function leavesOut(kind: Change['kind'], table: string): Mutant {
  return changesMutant((one) => (one.kind === kind && one.table === table ? undefined : one))
}

function without(row: Row, column: string): Row {
  const { [column]: _left, ...rest } = row
  return rest
}

function byLetters(values: Row): Row {
  const { canonical_email: _canonical, ...others } = values
  if (values.email === undefined) return others
  return { ...others, canonical_email: typeof values.email === 'string' ? values.email.toLowerCase() : null }
}

function asksOtherwise(ask: (query: Query) => Query): Mutant {
  const asked = (query: Query): Query => {
    const { follow } = query
    const below = follow && Object.fromEntries(Object.entries(follow).map(([name, one]) => [name, asked(one)]))
    return ask(below === undefined ? query : { ...query, follow: below })
  }
  return rowsMutant((rows) => ({ read: (queries) => rows.read(queries.map(asked)) }))
}

/** The payload of an idempotency key is not looked at. */
function ignorePayloads(sound: Store): Partial<Store> {
  const verbs = Object.entries(sound).filter(([, verb]) => typeof verb === 'function')
  const blind = verbs.map(([name, verb]) => [
    name,
    (...args: unknown[]) => (verb as (...all: unknown[]) => unknown)(...args.map(withOnePayload)),
  ])
  return Object.fromEntries(blind) as Partial<Store>
}

function withOnePayload(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('idempotency' in arg)) return arg
  return { ...arg, idempotency: { ...(arg.idempotency as Idempotency), payloadHash: 'the one payload' } }
}

export const mutants: Readonly<Record<string, Mutant>> = {
  'does not count activations': changesMutant((one) =>
    one.kind === 'update' && one.table === 'licenses' ? { ...one, set: without(one.set, 'activation_count') } : one,
  ),
  'marks a host as seen before that is due': verbsMutant((sound) => ({
    async claimActivation(accountId, target, claim, step) {
      const outcome = await sound.claimActivation(accountId, target, claim, step)
      const due = new Date(step.now.getTime() + LAST_SEEN_INTERVAL_MS)
      if (outcome.kind === 'existing') await sound.claimActivation(accountId, target, claim, { now: due })
      return outcome
    },
  })),
  'keeps no ceiling of stamps': changesMutant((one) =>
    one.kind === 'insert' && one.table === 'counters' && one.row.name === STAMP_CEILING ? undefined : one,
  ),
  'does not look at the payload of an idempotency key': verbsMutant(ignorePayloads),
  'keeps idempotency records for an hour too long': changesMutant((one) =>
    one.kind === 'insert' && one.table === 'idempotency_records'
      ? { ...one, row: { ...one.row, expires_at: Number(one.row.expires_at) + 3_600_000 } }
      : one,
  ),
  'sends every delivery of a line at once': changesMutant((one) =>
    one.kind === 'insert' && one.table === 'webhook_deliveries'
      ? { ...one, row: { ...one.row, due_at: one.row.next_attempt_at ?? null } }
      : one,
  ),
  'forgets to revoke tokens': leavesOut('insert', 'revocations'),
  'keeps the activations of a license that goes': leavesOut('delete', 'activations'),
  'compares emails by their letters only': changesMutant((one) => {
    if (one.table !== 'customers') return one
    if (one.kind === 'insert') return { ...one, row: byLetters(one.row) }
    return one.kind === 'update' ? { ...one, set: byLetters(one.set) } : one
  }),
  'keeps no order among licenses of one instant': changesMutant((one) =>
    one.kind === 'insert' && one.table === 'licenses' ? { ...one, row: { ...one.row, place: 0 } } : one,
  ),
  'counts seats whose lease has ended': asksOtherwise((query) =>
    query.table === 'sessions' && query.count === true && query.limit === 0 ? { ...query, range: { from: 0 } } : query,
  ),
  'purges what has its day in an hour': verbsMutant((sound) => ({
    purgeExpired: (now, limit) => sound.purgeExpired(new Date(now.getTime() + 3_600_000), limit),
  })),
  'shows a license to every account': verbsMutant((sound) => ({
    findLicense: (_accountId, canonicalKey) => sound.findLicense('acct_first', canonicalKey),
  })),
  'lists one item more than asked for': asksOtherwise((query) =>
    query.skip !== undefined ? { ...query, limit: query.limit + 1 } : query,
  ),
  'ignores what a decision relied on': changesMutant((one) => (one.kind === 'guard' ? undefined : one), 2),
  'takes a conflict for a success': rowsMutant(
    (rows) => ({
      ...slowReads(rows),
      async write(sets) {
        await rows.write(sets)
        return sets.map(() => 'written' as const)
      },
    }),
    2,
  ),
  'writes the changes of a step one by one': rowsMutant(
    (rows) => ({
      ...slowReads(rows),
      async write(sets) {
        const fates = await Promise.all(sets.map((set) => rows.write(set.map((one) => [one]))))
        return fates.map((ofSet) => (ofSet.includes('conflict') ? 'conflict' : 'written'))
      },
    }),
    2,
  ),
}
