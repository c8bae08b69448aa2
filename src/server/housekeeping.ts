import type { Purged } from '../storage/verbs/store'
import type { LicensingConfig } from './options'
import type { ServiceContext } from './service/context'
import { freeUnseenHosts } from './service/free-unseen'

/** At most this many of a kind in one storage step, so that no step holds others up for long. */
const BATCH_SIZE = 500

/**
 * How many batches of activations a run of the timer looks through for unseen hosts. The next goes on where it ended: a
 * store of any size costs the same each time, and every one of its activations has its turn.
 */
const UNSEEN_BATCHES_A_RUN = 20

const KINDS = ['licenses', 'idempotencyRecords', 'sessions', 'revocations', 'deliveries'] as const

/** What a run of housekeeping did. */
export interface Housekept extends Purged {
  /** How many hosts were freed because they were not seen for `freeUnseenAfterSeconds`. */
  readonly unseenHosts: number
}

export interface Housekeeping {
  /** Deletes what has had its day, and frees unseen hosts, until nothing is left; a run under way is joined, not doubled. */
  readonly run: () => Promise<Housekept>
  /** Stops the timer and waits for a run under way, which ends at its next batch. */
  readonly stop: () => Promise<void>
}

/** Runs housekeeping now and then. Its timer does not keep the process alive, and a failed run is only logged. */
export function startHousekeeping(config: LicensingConfig, context: ServiceContext): Housekeeping {
  const { logger, housekeepingSeconds, freeUnseenAfterSeconds } = config
  let underWay: Promise<Housekept> | undefined
  let stopped = false
  /** Where the timer's runs look on for unseen hosts. Lost with the process: the next begins anew. */
  let place: string | null = null

  async function freeUnseen(after: string | null, batches: number): Promise<{ freed: number; next: string | null }> {
    if (freeUnseenAfterSeconds === 0) return { freed: 0, next: null }
    let [total, next] = [0, after]
    for (let batch = 0; batch < batches && !stopped; batch += 1) {
      const done = await freeUnseenHosts(context, freeUnseenAfterSeconds, next)
      total += done.freed
      next = done.next
      if (next === null) break
    }
    return { freed: total, next }
  }

  const begin = (work: () => Promise<Housekept>) => {
    underWay ??= work().finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const runQuietly = () => {
    const work = async () => {
      const purged = await purge(context)
      const { freed, next } = await freeUnseen(place, UNSEEN_BATCHES_A_RUN)
      place = next
      return { ...purged, unseenHosts: freed }
    }
    begin(work).catch((error: unknown) => logger.error('keyslot: housekeeping failed', error))
  }
  const timer = housekeepingSeconds > 0 ? setInterval(runQuietly, housekeepingSeconds * 1000).unref() : undefined
  return {
    run: () =>
      begin(async () => {
        const purged = await purge(context)
        return { ...purged, unseenHosts: (await freeUnseen(null, Number.POSITIVE_INFINITY)).freed }
      }),
    async stop() {
      stopped = true
      clearInterval(timer)
      await underWay?.catch(() => undefined)
    },
  }
}

async function purge({ store, now }: ServiceContext): Promise<Purged> {
  const total = { licenses: 0, idempotencyRecords: 0, sessions: 0, revocations: 0, deliveries: 0 }
  for (;;) {
    const purged = await store.purgeExpired(now(), BATCH_SIZE)
    for (const kind of KINDS) total[kind] += purged[kind]
    if (KINDS.every((kind) => purged[kind] < BATCH_SIZE)) return total
  }
}
