import type { Store } from '../../storage/verbs/store'
import type { LicensingConfig } from '../options'
import { packageVersion } from '../package-version'
import { createWebhookDispatcher, type WebhookDispatcher } from './webhook-dispatcher'
import { createWebhookSender } from './webhook-sender'
import { parseAllowedPrivateHosts, parseWebhookUrl } from './webhook-url'

/** Webhooks of an installation: their delivery, and which URLs they may have. */
export interface Webhooks extends WebhookDispatcher {
  /** @throws {LicenseError} INVALID_REQUEST with field `url` when events may not be sent there */
  checkUrl(url: string): void
}

/** @throws {TypeError} when `webhooks.allowedPrivateHosts` holds what is no host */
export function createWebhooks({ logger, now, random, webhooks }: LicensingConfig, store: Store): Webhooks {
  const allowedPrivateHosts = parseAllowedPrivateHosts(webhooks.allowedPrivateHosts ?? [])
  const send = createWebhookSender({ version: packageVersion, now, allowedPrivateHosts })
  const dispatcher = createWebhookDispatcher({ store, send, logger, now, random })
  return {
    start: () => dispatcher.start(),
    wake: () => dispatcher.wake(),
    async runOnce() {
      return dispatcher.runOnce()
    },
    stop: () => dispatcher.stop(),
    checkUrl: (url) => void parseWebhookUrl(url, allowedPrivateHosts),
  }
}
