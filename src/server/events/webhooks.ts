import { refuseUnknown } from '../../protocol/unknown-name'
import type { Store } from '../../storage/verbs/store'
import type { LicensingConfig } from '../options'
import { packageVersion } from '../package-version'
import { createNameResolver } from './name-resolver'
import { createWebhookDispatcher, type WebhookDispatcher } from './webhook-dispatcher'
import { createWebhookSender } from './webhook-sender'
import { parseAllowedPrivateHosts, parseWebhookUrl } from './webhook-url'

/** Where `webhooks.disableAfterDays` is left out. */
const DISABLE_AFTER_DAYS = 5
const DAY_MS = 86_400_000

/** Webhooks of an installation: their delivery, and which URLs they may have. */
export interface Webhooks extends WebhookDispatcher {
  /** @throws {LicenseError} INVALID_REQUEST with field `url` when events may not be sent there */
  checkUrl(url: string): void
}

/** @throws {TypeError} when `webhooks` has an option that does not exist, `webhooks.allowedPrivateHosts` holds what is no host, or `webhooks.disableAfterDays` is impossible */
export function createWebhooks({ logger, now, random, webhooks }: LicensingConfig, store: Store): Webhooks {
  refuseUnknown('createLicensing: webhooks', webhooks, ['allowedPrivateHosts', 'deliver', 'disableAfterDays'])
  const allowedPrivateHosts = parseAllowedPrivateHosts(webhooks.allowedPrivateHosts ?? [])
  const disableAfterMs = parseDays(webhooks.disableAfterDays)
  const resolver = createNameResolver()
  const { resolve } = resolver
  const send = createWebhookSender({ version: packageVersion, now, allowedPrivateHosts, resolve })
  const dispatcher = createWebhookDispatcher({ store, send, logger, now, random, disableAfterMs })
  return {
    start: () => dispatcher.start(),
    wake: (accountIds) => dispatcher.wake(accountIds),
    async runOnce() {
      return dispatcher.runOnce()
    },
    async stop() {
      await dispatcher.stop()
      resolver.cancel()
    },
    checkUrl: (url) => void parseWebhookUrl(url, allowedPrivateHosts),
  }
}

function parseDays(days = DISABLE_AFTER_DAYS): number {
  if (!(days >= 0)) throw new TypeError('createLicensing: webhooks.disableAfterDays must be 0 or more')
  return days === 0 ? Number.POSITIVE_INFINITY : days * DAY_MS
}
