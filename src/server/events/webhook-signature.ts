import { createHmac, timingSafeEqual } from 'node:crypto'
import { signingAt, type WebhookSecret } from '../../domain/webhook'
import { LicenseError } from '../../protocol/license-error'
import { refuseUnknown } from '../../protocol/unknown-name'
import { parseWebhookEvent, type WebhookEvent } from './webhook-event'

/** The header that carries a delivery's signature. */
export const SIGNATURE_HEADER = 'Keymint-Signature'

const DEFAULT_TOLERANCE_SECONDS = 300

/**
 * Value of {@link SIGNATURE_HEADER}: `t=<unix seconds>,v1=<hex HMAC-SHA256>`, with a `v1` for each secret that has not
 * ended at `now`. Null when none is left.
 */
export function signWebhook(rawBody: string, secrets: readonly WebhookSecret[], now: Date): string | null {
  const signing = signingAt(secrets, now)
  if (signing.length === 0) return null
  const time = String(Math.floor(now.getTime() / 1000))
  return [`t=${time}`, ...signing.map(({ secret }) => `v1=${mac(secret, time, rawBody).toString('hex')}`)].join(',')
}

export interface VerifyWebhookOptions {
  /** What the receiver's clock says. Default the system's. */
  readonly now?: Date
  /** How many seconds the signature's time may be off, either way. Default 300. */
  readonly toleranceSeconds?: number
}

/**
 * The event in a webhook's request, once its signature proves where it comes from. It may come more than once: skip an
 * `id` seen before.
 *
 * @param rawBody the body as it was received, before any JSON parser
 * @param header value of `Keymint-Signature`
 * @param secret the webhook's secret, `whsec_…`
 * @throws {LicenseError} INVALID_WEBHOOK_SIGNATURE when it is missing, wrong or too old; INVALID_REQUEST when the body is no event
 * @throws {TypeError} on a parsed body, and on an empty secret or an impossible tolerance, which would accept forgeries
 *
 * @example
 * app.post('/hooks', express.raw({ type: 'application/json' }), (req, res) => {
 *   const event = verifyWebhook(req.body, req.headers['keymint-signature'], secret)
 *   res.sendStatus(204) // within 5 seconds; do the work afterwards
 * })
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  header: string | readonly string[] | undefined,
  secret: string,
  options: VerifyWebhookOptions = {},
): WebhookEvent {
  refuseUnknown('verifyWebhook', options, ['now', 'toleranceSeconds'])
  const { now = new Date(), toleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = options
  if (typeof rawBody !== 'string' && !ArrayBuffer.isView(rawBody)) {
    throw new TypeError('verifyWebhook: rawBody must be the body as it was received, not what a JSON parser made of it')
  }
  // A secret that was never configured is a key everybody knows.
  if (typeof secret !== 'string' || secret === '') throw new TypeError('verifyWebhook: secret is required')
  if (!(toleranceSeconds >= 0)) throw new TypeError('verifyWebhook: toleranceSeconds must be 0 or more')
  const { time, macs } = parseHeader(header)
  const expected = mac(secret, time, rawBody)
  if (!macs.some((given) => timingSafeEqual(given, expected))) {
    throw refused('The webhook was not signed with this secret')
  }
  if (!(Math.abs(now.getTime() / 1000 - Number(time)) <= toleranceSeconds)) {
    throw refused('The webhook was signed too long ago, or the clocks differ')
  }
  const event = parseWebhookEvent(Buffer.from(rawBody).toString('utf8'))
  if (event === null) throw new LicenseError('INVALID_REQUEST', 'The webhook holds no event')
  return event
}

function mac(secret: string, time: string, rawBody: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${time}.`).update(rawBody).digest()
}

/** The time as it was sent, for it is signed in that spelling, and every `v1` of the right size. */
function parseHeader(header: string | readonly string[] | undefined): { time: string; macs: readonly Buffer[] } {
  const text = typeof header === 'string' ? header : header?.[0]
  if (text === undefined) throw refused(`The webhook has no ${SIGNATURE_HEADER} header`)
  const parts = text.split(',').map((part) => part.trim())
  const time = parts.find((part) => /^t=\d{1,12}$/.test(part))?.slice(2)
  const macs = parts.filter((part) => /^v1=[0-9a-f]{64}$/.test(part)).map((part) => Buffer.from(part.slice(3), 'hex'))
  if (time === undefined || macs.length === 0) throw refused(`The webhook's ${SIGNATURE_HEADER} header is malformed`)
  return { time, macs }
}

function refused(message: string): LicenseError {
  return new LicenseError('INVALID_WEBHOOK_SIGNATURE', message, { detail: { field: SIGNATURE_HEADER } })
}
