import type { LicensingConfig } from '../options'
import { packageVersion } from '../package-version'
import { requireCapability } from '../service/capabilities'
import { createWebhookDispatcher, type WebhookDispatcher } from './webhook-dispatcher'
import { createWebhookSender } from './webhook-sender'
import { parseAllowedPrivateHosts, parseWebhookUrl } from './webhook-url'

/** Webhooks of an installation: their delivery, and which URLs they may have. */
export interface Webhooks extends WebhookDispatcher {
  /** @throws {LicenseError} INVALID_REQUEST with field `url` when events may not be sent there */
  checkUrl(url: string): void
}

/** @throws {TypeError} when `webhooks.allowedPrivateHosts` holds what is no host */
export function createWebhooks({ storage, logger, now, random, webhooks }: LicensingConfig): Webhooks {
  const allowedPrivateHosts = parseAllowedPrivateHosts(webhooks.allowedPrivateHosts ?? [])
  const send = createWebhookSender({ version: packageVersion, now, allowedPrivateHosts })
  const dispatcher = createWebhookDispatcher({ storage, send, logger, now, random })
  return {
    start: () => dispatcher.start(),
    wake: () => dispatcher.wake(),
    async runOnce() {
      requireCapability(storage, 'outbox')
      return dispatcher.runOnce()
    },
    stop: () => dispatcher.stop(),
    checkUrl: (url) => void parseWebhookUrl(url, allowedPrivateHosts),
  }
}
