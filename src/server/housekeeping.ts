import type { LicensingConfig } from './options'
import type { Purged } from './storage/contract'

/** At most this many of a kind in one storage step, so that no step holds others up for long. */
const BATCH_SIZE = 500

const KINDS = ['licenses', 'idempotencyRecords', 'sessions', 'revocations', 'deliveries'] as const

export interface Housekeeping {
  /** Deletes what has had its day until nothing is left; a run under way is joined, not doubled. */
  readonly run: () => Promise<Purged>
  /** Stops the timer and waits for a run under way. */
  readonly stop: () => Promise<void>
}

/** Runs housekeeping now and then. Its timer does not keep the process alive, and a failed run is only logged. */
export function startHousekeeping(config: LicensingConfig): Housekeeping {
  const { logger, housekeepingSeconds } = config
  let underWay: Promise<Purged> | undefined
  const run = () => {
    underWay ??= purge(config).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const runQuietly = () => {
    run().catch((error: unknown) => logger.error('keyslot: housekeeping failed', error))
  }
  const timer = housekeepingSeconds > 0 ? setInterval(runQuietly, housekeepingSeconds * 1000).unref() : undefined
  return {
    run,
    async stop() {
      clearInterval(timer)
      await underWay?.catch(() => undefined)
    },
  }
}

async function purge({ storage, now }: LicensingConfig): Promise<Purged> {
  const total = { licenses: 0, idempotencyRecords: 0, sessions: 0, revocations: 0, deliveries: 0 }
  for (;;) {
    const purged = await storage.purgeExpired(now(), BATCH_SIZE)
    for (const kind of KINDS) total[kind] += purged[kind]
    if (KINDS.every((kind) => purged[kind] < BATCH_SIZE)) return total
  }
}
