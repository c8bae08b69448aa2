import type { StoreOptions } from '../commands/store-options'
import { withStore } from '../open-store'
import { print, printJson } from '../output'

export interface HousekeepingOptions extends StoreOptions {
  readonly allowPrivateWebhook?: readonly string[]
  readonly freeUnseenDays?: number
}

/** Does the housekeeping of a running server once. A webhook that fails is no failure of the command. */
export function runHousekeeping(options: HousekeepingOptions): Promise<void> {
  return withStore(
    options,
    async ({ licensing }) => {
      const purged = await licensing.runHousekeeping()
      const webhooks = await licensing.runWebhooks()
      if (options.json) return printJson({ purged, webhooks })
      const { licenses, idempotencyRecords, sessions, revocations, deliveries, unseenHosts } = purged
      print(
        `Deleted: ${licenses} licenses, ${sessions} sessions, ${revocations} revocations, ${deliveries} deliveries, ` +
          `${idempotencyRecords} idempotency records.`,
      )
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
