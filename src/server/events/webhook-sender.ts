import { codeOf } from '../../files/error-code'
import { isLicenseError } from '../../protocol/license-error'
import type { ClaimedDelivery } from '../../storage/verbs/store'
import { renderKeymintEvent } from './keymint-envelope'
import { post, TimedOutError } from './post'
import { standardHeaders } from './standard-webhooks'
import { renderWebhookEvent } from './webhook-event'
import { createLookup, PrivateAddressError, type Resolve } from './webhook-lookup'
import { SIGNATURE_HEADER, signWebhook } from './webhook-signature'
import { type HostNames, parseWebhookUrl } from './webhook-url'

/** How long one attempt may take, from resolving the name to the answer's status. */
export const ATTEMPT_TIMEOUT_MS = 5000

/** How an attempt ended. `error` may be shown to the account: it holds nothing of the answer, no address, no secret. */
export type SendResult = { readonly ok: true } | { readonly ok: false; readonly error: string }

/** Makes one attempt at a delivery. Never rejects. */
export type SendWebhook = (claimed: ClaimedDelivery, signal?: AbortSignal) => Promise<SendResult>

export interface WebhookSenderOptions {
  /** Of keyslot, for `User-Agent`. */
  readonly version: string
  readonly now: () => Date
  readonly allowedPrivateHosts: HostNames
  /** Default {@link ATTEMPT_TIMEOUT_MS}. */
  readonly timeoutMs?: number
  readonly resolve: Resolve
}

/** Sends deliveries: signed anew at every attempt, to public addresses only, with 2xx as the one success. */
export function createWebhookSender(options: WebhookSenderOptions): SendWebhook {
  const { version, now, allowedPrivateHosts, timeoutMs = ATTEMPT_TIMEOUT_MS, resolve } = options
  return async ({ delivery, endpoint }, signal) => {
    try {
      const url = parseWebhookUrl(endpoint.url, allowedPrivateHosts)
      const render = endpoint.envelope === 'keymint' ? renderKeymintEvent : renderWebhookEvent
      const body = render(delivery.event)
      const at = now()
      const signature = signWebhook(body, endpoint.secrets, at)
      if (signature === null) return { ok: false, error: 'the webhook has no secret to sign with' }
      const status = await post(url, {
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': `keyslot/${version}`,
          [SIGNATURE_HEADER]: signature,
          ...standardHeaders({ id: delivery.event.id, rawBody: body }, endpoint.secrets, at),
          'Keymint-Event-Id': delivery.event.id,
          'Keymint-Delivery-Id': delivery.id,
        },
        body,
        lookup: createLookup(resolve, { allowPrivate: allowedPrivateHosts.has(url.hostname) }),
        timeoutMs,
        signal,
      })
      return status >= 200 && status < 300 ? { ok: true } : { ok: false, error: `answered ${status}` }
    } catch (error) {
      return { ok: false, error: describe(error) }
    }
  }
}

/** Of other errors only the code: messages of sockets and resolvers name addresses. */
function describe(error: unknown): string {
  if (isLicenseError(error) || error instanceof PrivateAddressError || error instanceof TimedOutError) {
    return error.message
  }
  const code = codeOf(error)
  return code === undefined ? 'failed' : `failed: ${code}`
}
