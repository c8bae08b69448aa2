import type { StoreOptions } from '../commands/store-options'
import { withStore } from '../open-store'
import { print, printJson } from '../output'

export interface HousekeepingOptions extends StoreOptions {
  readonly allowPrivateWebhook?: readonly string[]
  readonly freeUnseenDays?: number
}

/** Housekeeping that goes by a time so far from the clock's does not believe the clock. */
const HELD_BACK_MS = 3_600_000

/** Does the housekeeping of a running server once. A webhook that fails is no failure of the command. */
export function runHousekeeping(options: HousekeepingOptions): Promise<void> {
  return withStore(
    options,
    async ({ licensing }) => {
      const purged = await licensing.runHousekeeping()
      const webhooks = await licensing.runWebhooks()
      if (options.json) return printJson({ purged, webhooks })
      const { licenses, idempotencyRecords, sessions, revocations, deliveries, events, unseenHosts, until } = purged
      print(
        `Deleted: ${licenses} licenses, ${sessions} sessions, ${revocations} revocations, ${deliveries} deliveries, ` +
          `${events} events, ${idempotencyRecords} idempotency records.`,
      )
      if (Math.abs(Date.now() - until.getTime()) > HELD_BACK_MS) {
        print(
          `By ${until.toISOString()}: the clock is far from what housekeeping has last gone by. Is it right? ` +
            'It is believed once it has gone on for 12 hours.',
        )
      }
      if (options.freeUnseenDays !== undefined) print(`Freed: ${unseenHosts} hosts not seen for so long.`)
      print(
        `Webhooks: ${webhooks.delivered} delivered, ${webhooks.failed} to be tried again, ${webhooks.dead} given up.`,
      )
    },
    {
      allowedPrivateHosts: options.allowPrivateWebhook ?? [],
      freeUnseenAfterSeconds: (options.freeUnseenDays ?? 0) * 86_400,
    },
  )
}
