import { createHmac } from 'node:crypto'
import { signingAt, type WebhookSecret } from '../../domain/webhook'

/** What is signed of a delivery. */
interface Message {
  /** The same at every attempt. */
  readonly id: string
  readonly rawBody: string
}

/**
 * The headers of Standard Webhooks, with a signature for each secret that has not ended at `now`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardHeaders({ id, rawBody }: Message, secrets: readonly WebhookSecret[], now: Date) {
  const time = String(Math.floor(now.getTime() / 1000))
  const signatures = signingAt(secrets, now).map(({ secret }) => `v1,${mac(secret, `${id}.${time}.${rawBody}`)}`)
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures.join(' ') }
}

/** The key is what the secret's base64 stands for, unlike that of `Keymint-Signature`. */
function mac(secret: string, message: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', key).update(message).digest('base64')
}
