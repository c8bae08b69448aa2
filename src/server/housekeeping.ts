import type { Purged, Store } from '../storage/verbs/store'
import type { LicensingConfig } from './options'
import type { ServiceContext } from './service/context'
import { freeUnseenHosts } from './service/free-unseen'

/** At most this many of a kind in one storage step, so that no step holds others up for long. */
const BATCH_SIZE = 500
const DAY_MS = 86_400_000

/**
 * How many batches of activations a run of the timer looks through for unseen hosts. The next goes on where it ended: a
 * store of any size costs the same each time, and every one of its activations has its turn.
 */
const UNSEEN_BATCHES_A_RUN = 20

const KINDS = ['licenses', 'idempotencyRecords', 'sessions', 'revocations', 'deliveries'] as const

/** What a run of housekeeping did. */
export interface Housekept extends Purged {
  /** How many events were older than `eventsKeptDays`. */
  readonly events: number
  /** How many hosts were freed because they were not seen for `freeUnseenAfterSeconds`. */
  readonly unseenHosts: number
  /**
   * What had ended by then counted as over. It is the server's time, unless that is more than 36 hours from what housekeeping
   * has last gone by: until it has gone on for 12 hours, the earlier of the two counts.
   */
  readonly until: Date
}

export interface Housekeeping {
  /** Deletes what has had its day, and frees unseen hosts, until nothing is left; a run under way is joined, not doubled. */
  readonly run: () => Promise<Housekept>
  /** Stops the timer and waits for a run under way, which ends at its next batch. */
  readonly stop: () => Promise<void>
}

/** Runs housekeeping now and then. Its timer does not keep the process alive, and a failed run is only logged. */
export function startHousekeeping(config: LicensingConfig, context: ServiceContext): Housekeeping {
  const { logger, housekeepingSeconds, freeUnseenAfterSeconds, eventsKeptDays } = config
  let underWay: Promise<Housekept> | undefined
  let stopped = false
  let wasBelieved = true
  /** Where the timer's runs look on for unseen hosts. Lost with the process: the next begins anew. */
  let place: string | null = null

  async function freeUnseen(
    until: Date,
    after: string | null,
    batches: number,
  ): Promise<{ freed: number; next: string | null }> {
    if (freeUnseenAfterSeconds === 0) return { freed: 0, next: null }
    let [total, next] = [0, after]
    for (let batch = 0; batch < batches && !stopped; batch += 1) {
      const done = await freeUnseenHosts(context, { unseenForSeconds: freeUnseenAfterSeconds, until }, next)
      total += done.freed
      next = done.next
      if (next === null) break
    }
    return { freed: total, next }
  }

  /** The time by which things are over. A clock that is not believed is told of once. */
  async function judgeClock(): Promise<Date> {
    const now = context.now()
    const { until, isBelieved } = await context.store.judgeClock(now)
    if (wasBelieved && !isBelieved) logger.warn(unbelieved(now))
    wasBelieved = isBelieved
    return new Date(until)
  }

  const begin = (work: () => Promise<Housekept>) => {
    underWay ??= work().finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const runQuietly = () => {
    const work = async () => {
      const until = await judgeClock()
      const purged = await purge(context, until, eventsKeptDays)
      const { freed, next } = await freeUnseen(until, place, UNSEEN_BATCHES_A_RUN)
      place = next
      return { ...purged, unseenHosts: freed, until }
    }
    begin(work).catch((error: unknown) => logger.error('keyslot: housekeeping failed', error))
  }
  const timer = housekeepingSeconds > 0 ? setInterval(runQuietly, housekeepingSeconds * 1000).unref() : undefined
  return {
    run: () =>
      begin(async () => {
        const until = await judgeClock()
        const purged = await purge(context, until, eventsKeptDays)
        return { ...purged, unseenHosts: (await freeUnseen(until, null, Number.POSITIVE_INFINITY)).freed, until }
      }),
    async stop() {
      stopped = true
      clearInterval(timer)
      await underWay?.catch(() => undefined)
    },
  }
}

function unbelieved(now: Date): string {
  return (
    `keyslot: the clock (${now.toISOString()}) is far from what housekeeping has last gone by. Is it right? Until it has ` +
    'gone on for 12 hours, nothing is deleted that was not over before.'
  )
}

async function purge({ store }: ServiceContext, until: Date, eventsKeptDays: number) {
  const total = { licenses: 0, idempotencyRecords: 0, sessions: 0, revocations: 0, deliveries: 0 }
  for (;;) {
    const purged = await store.purgeExpired(until, BATCH_SIZE)
    for (const kind of KINDS) total[kind] += purged[kind]
    if (KINDS.every((kind) => purged[kind] < BATCH_SIZE)) break
  }
  return { ...total, events: eventsKeptDays === 0 ? 0 : await purgeEvents(store, until, eventsKeptDays) }
}

async function purgeEvents(store: Store, until: Date, keptDays: number): Promise<number> {
  const before = new Date(until.getTime() - keptDays * DAY_MS)
  let total = 0
  for (;;) {
    const purged = await store.purgeEvents(before, BATCH_SIZE)
    total += purged
    if (purged < BATCH_SIZE) return total
  }
}
