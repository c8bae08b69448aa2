import { createHmac } from 'node:crypto'
import { iso, LICENSE_ID, SIGNED_AT } from './claims'

/** What a receiver gets, and what comes of it: `valid` or `INVALID_WEBHOOK_SIGNATURE`. */
export interface WebhookVector {
  readonly name: string
  /** Of the webhook, with its prefix `whsec_`. */
  readonly secret: string
  /** What the receiver's clock says, Unix seconds. */
  readonly now: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, byte for byte: UTF-8. */
  readonly body: string
  readonly result: string
}

const secretOf = (name: string) => `whsec_${createHmac('sha256', 'keyslot test vectors').update(name).digest('base64')}`

const SECRET = secretOf('current')
const NEXT_SECRET = secretOf('next')
const ID = 'evt_5kQ3mB7xK9vT2nW8'
const BODY = JSON.stringify({
  id: ID,
  type: 'license.created',
  createdAt: iso(SIGNED_AT),
  accountId: 'acc_1',
  data: { customer: 'Zoë' },
  licenseId: LICENSE_ID,
})
const FORGED = BODY.replace('license.created', 'license.unblocked')
const INVALID = 'INVALID_WEBHOOK_SIGNATURE'

/** What the two schemes have in common. */
function vector(name: string, result: string, headers: Record<string, string>, changes: Partial<WebhookVector> = {}) {
  return { name, secret: SECRET, now: SIGNED_AT + 2, headers, body: BODY, result, ...changes }
}

/** `Keymint-Signature`: the key is the whole secret. */
export function keymintWebhooks(): WebhookVector[] {
  const mac = (secret: string, time: number | string, body = BODY) =>
    `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
  const signed = (...fields: (string | number)[]) => ({ 'Keymint-Signature': fields.join(',') })
  const t = `t=${SIGNED_AT}`
  const good = signed(t, mac(SECRET, SIGNED_AT))
  const bytes = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
  const ofBytes = `v1=${createHmac('sha256', bytes).update(`${SIGNED_AT}.${BODY}`).digest('hex')}`
  return [
    vector('a delivery', 'valid', good),
    vector(
      'while a secret rotates, to the older one',
      'valid',
      signed(t, mac(NEXT_SECRET, SIGNED_AT), mac(SECRET, SIGNED_AT)),
    ),
    vector(
      'while a secret rotates, to the newer one',
      'valid',
      signed(t, mac(NEXT_SECRET, SIGNED_AT), mac(SECRET, SIGNED_AT)),
      { secret: NEXT_SECRET },
    ),
    vector('with a scheme that nobody knows yet', 'valid', signed(t, 'v2=0', mac(SECRET, SIGNED_AT))),
    vector('300 s ago', 'valid', good, { now: SIGNED_AT + 300 }),
    vector('301 s ago', INVALID, good, { now: SIGNED_AT + 301 }),
    vector('301 s ahead', INVALID, good, { now: SIGNED_AT - 301 }),
    vector('another body', INVALID, good, { body: FORGED }),
    vector('a line feed behind the body', INVALID, good, { body: `${BODY}\n` }),
    vector('another secret', INVALID, good, { secret: NEXT_SECRET }),
    vector("the secret's bytes, as Standard Webhooks has it", INVALID, signed(t, ofBytes)),
    vector('a time put in later', INVALID, signed(`t=${SIGNED_AT + 1}`, mac(SECRET, SIGNED_AT))),
    vector('a signature cut short', INVALID, signed(t, mac(SECRET, SIGNED_AT).slice(0, -2))),
    vector('no time', INVALID, signed(mac(SECRET, SIGNED_AT))),
    vector('no signature', INVALID, signed(t)),
    vector('no header', INVALID, {}),
  ]
}

/** Standard Webhooks: the key is what the secret's base64 stands for. */
export function standardWebhooks(): WebhookVector[] {
  const mac = (secret: string, time: number, body = BODY) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${ID}.${time}.${body}`).digest('base64')}`
  }
  const signed = (...signatures: string[]) => ({
    'webhook-id': ID,
    'webhook-timestamp': String(SIGNED_AT),
    'webhook-signature': signatures.join(' '),
  })
  const good = signed(mac(SECRET, SIGNED_AT))
  const ofText = `v1,${createHmac('sha256', SECRET).update(`${ID}.${SIGNED_AT}.${BODY}`).digest('base64')}`
  return [
    vector('a delivery', 'valid', good),
    vector('while a secret rotates', 'valid', signed(mac(NEXT_SECRET, SIGNED_AT), mac(SECRET, SIGNED_AT))),
    vector('300 s ago', 'valid', good, { now: SIGNED_AT + 300 }),
    vector('301 s ago', INVALID, good, { now: SIGNED_AT + 301 }),
    vector('301 s ahead', INVALID, good, { now: SIGNED_AT - 301 }),
    vector('another body', INVALID, good, { body: FORGED }),
    vector('another id', INVALID, { ...good, 'webhook-id': 'evt_another' }),
    vector('another time', INVALID, { ...good, 'webhook-timestamp': String(SIGNED_AT + 1) }),
    vector('another secret', INVALID, good, { secret: NEXT_SECRET }),
    vector("the secret's text, as Keymint-Signature has it", INVALID, signed(ofText)),
    vector('no signature', INVALID, { ...good, 'webhook-signature': '' }),
  ]
}
