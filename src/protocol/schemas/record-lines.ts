import * as z from 'zod'
import { COUNT, LENGTHS, NUMBERS } from '../bounds'
import { DELIVERY_STATUSES, EVENT_TYPES, PLANS, WEBHOOK_ENVELOPES } from '../enumerations'
import { type Fault, faultOf } from './fault-of'
import {
  authtoolClientFields,
  carriedPerson,
  customerState,
  durationFields,
  LINE,
  licenseTerms,
  productTerms,
  strictWhole,
  tokenFields,
  versionFields,
} from './fields'
import { appVersion, deviceTag, givenKey, hostId, instant, name, printableAscii, text } from './primitives'
import { tryParse } from './try-parse'

/**
 * The lines of an export and of an import: one JSON object each, told apart by `kind`. An export has every field; an
 * import may leave out all that has a default. A field that is not known is an error: a mistyped `expiresAt` would
 * otherwise make a license that never ends.
 */

const { id } = LINE
/** Ids that travel in requests. */
const wireId = printableAscii(LENGTHS.id)
const eventType = z.enum(EVENT_TYPES, 'there are no events of this type')
const freeText = text([0, 65_536])
const count = strictWhole(COUNT)
/** What `JSON.stringify` writes for U+0000 and for half a surrogate pair. */
const UNSAFE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/
const json = z
  .record(z.string(), z.unknown())
  .refine((value) => !UNSAFE_ESCAPE.test(JSON.stringify(value)), 'must hold well-formed Unicode without U+0000')
const duration = z.strictObject(durationFields)

/** A product by its package id, a number; or by its id or its name. */
const productName = z.union([z.int().min(1), text(LENGTHS.name)])

const thumbprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 characters of base64url')

const hostKey = z.strictObject({
  thumbprint,
  boundAt: instant,
  usedAt: instant,
  tokensEndAt: instant,
  until: instant.nullable(),
  leftAt: instant.nullable(),
  recovery: thumbprint.nullable().default(null),
  former: z.array(thumbprint).max(4).default([]),
  renewals: z
    .strictObject({
      count: strictWhole(NUMBERS.renewal),
      previous: strictWhole(NUMBERS.renewal),
      at: instant,
      ended: strictWhole([-1, NUMBERS.renewal[1]]),
      clonedAt: instant.nullable(),
    })
    .exactOptional(),
  droppedAt: instant.nullable().default(null),
})

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const authtoolClient = z
  .strictObject(authtoolClientFields)
  .required()
  .extend({ tokenHash: sha256, sealedKey: text([1, 1024]) })

const activationFields = {
  id: id.optional(),
  hostId,
  deviceTag: deviceTag.nullish(),
  address: text([0, 256]).nullish(),
  appVersion: appVersion.nullish(),
  licensee: z.strictObject(carriedPerson).nullish(),
  jti: id.optional(),
  stampFloor: count.optional(),
  tokensEndAt: instant.optional(),
  activatedAt: instant.optional(),
  lastSeenAt: instant.optional(),
  expiresAt: instant.nullish(),
  keys: z.array(hostKey).max(32).optional(),
  keylessEndAt: instant.nullish(),
  surrenderedAt: instant.nullish(),
  releaseAt: instant.nullish(),
  sharing: z
    .strictObject({ day: count, key: text([8, 8]), network: text([5, 5]), days: z.array(count).max(3) })
    .nullish(),
  authtoolProductId: id.nullish(),
}

/** `authtoolLogin`: as if the license's first product had let it in by AuthTool's client API. */
const inlineActivation = z.strictObject({ ...activationFields, authtoolLogin: z.boolean().optional() })

const inlineCustomer = z.strictObject({
  id: wireId.optional(),
  ...carriedPerson,
  ...customerState,
})

const signingKey = z.strictObject({ kind: z.literal('signing-key'), kid: id, recordedAt: instant })

const account = z.strictObject({
  kind: z.literal('account'),
  id: wireId,
  name: freeText,
  plan: z.enum(PLANS).optional(),
  createdAt: instant.optional(),
})

/** `kind` of a token has another name here: that word is taken. */
const { kind: tokenKind, ...token } = tokenFields(LINE)

const accessToken = z.strictObject({
  kind: z.literal('access-token'),
  id,
  accountId: id.optional(),
  name: freeText,
  tokenKind,
  ...token,
  hash: sha256,
  revokedAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  refusedAt: instant.nullable(),
  headerKeyAt: instant.nullable(),
  queryKeyAt: instant.nullable(),
  createdAt: instant,
})

const product = z.strictObject({
  kind: z.literal('product'),
  id: wireId.optional(),
  accountId: id.optional(),
  packageId: strictWhole([1, COUNT[1]]).optional(),
  name,
  ...productTerms(LINE),
  authtoolClient: authtoolClient.nullish(),
  createdAt: instant.optional(),
})

const productVersion = z.strictObject({
  kind: z.literal('product-version'),
  id: wireId.optional(),
  accountId: id.optional(),
  productId: id.optional(),
  product: productName.optional(),
  ...versionFields,
  createdAt: instant.optional(),
})

const customer = z.strictObject({
  kind: z.literal('customer'),
  id: wireId.optional(),
  accountId: id.optional(),
  ...carriedPerson,
  ...customerState,
  createdBy: text(LENGTHS.name).optional(),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
})

const license = z.strictObject({
  kind: z.literal('license'),
  id: id.optional(),
  accountId: id.optional(),
  key: givenKey,
  canonicalKey: z.string().optional(),
  keyBits: count.nullish(),
  productIds: z.array(id).min(1).max(LENGTHS.productIds[1]).optional(),
  products: z.array(productName).min(1).max(LENGTHS.productIds[1]).optional(),
  product: productName.optional(),
  ...licenseTerms(LINE),
  customer: inlineCustomer.nullish(),
  activationCount: count.optional(),
  soldFor: duration.nullish(),
  activationDuration: duration.nullish(),
  blocked: z.boolean().optional(),
  resetCount: count.optional(),
  stampFloor: count.optional(),
  revokedStamp: count.optional(),
  unlistedTokensEndAt: instant.nullish(),
  cleanable: z.boolean().optional(),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
  activations: z.array(inlineActivation).max(100_000).optional(),
})

const activation = z.strictObject({
  kind: z.literal('activation'),
  accountId: id.optional(),
  licenseId: id.optional(),
  licenseKey: givenKey.optional(),
  ...activationFields,
})

const session = z.strictObject({
  kind: z.literal('session'),
  id,
  licenseId: id,
  hostId,
  userIdentifier: text([0, 256]),
  deviceTag: deviceTag.nullable(),
  address: text([0, 256]).nullable(),
  proofKey: thumbprint.nullish(),
  secret: text([1, 1024]),
  nonce: text([1, 1024]),
  startedAt: instant,
  renewedAt: instant,
  expiresAt: instant,
})

const revocation = z.strictObject({
  kind: z.literal('revocation'),
  productId: id,
  id: z.string().regex(/^[A-Za-z0-9_-]{16}$/, 'must be 16 characters of base64url'),
  licenseId: id,
  hostId: z.union([hostId, z.literal('')]),
  rank: count,
  stamp: count,
  endsAt: instant,
})

const stampCeiling = z.strictObject({ kind: z.literal('stamp-ceiling'), ceiling: count })

const webhookEndpoint = z.strictObject({
  kind: z.literal('webhook-endpoint'),
  id,
  accountId: id.optional(),
  url: text(LENGTHS.url),
  eventTypes: z.array(eventType).nullable(),
  envelope: z.enum(WEBHOOK_ENVELOPES),
  secrets: z.array(z.strictObject({ secret: text([1, 1024]), createdAt: instant, expiresAt: instant.nullable() })),
  active: z.boolean(),
  createdAt: instant,
  failingSince: instant.nullable(),
  disabledReason: text([1, 10_000]).nullable(),
})

const event = z.strictObject({
  kind: z.literal('event'),
  id,
  accountId: id.optional(),
  type: eventType,
  at: instant,
  actor: z.strictObject({ id: text([0, 256]), address: text([0, 256]).nullable() }),
  licenseId: id.nullable(),
  data: json,
})

const delivery = z.strictObject({
  kind: z.literal('delivery'),
  id: printableAscii([1, 600]),
  accountId: id.optional(),
  endpointId: id,
  eventId: id,
  status: z.enum(DELIVERY_STATUSES),
  attempts: count,
  nextAttemptAt: instant,
  lastAttemptAt: instant.nullable(),
  lastError: freeText.nullable(),
})

const recordLine = z.discriminatedUnion('kind', [
  signingKey,
  account,
  accessToken,
  product,
  productVersion,
  customer,
  license,
  activation,
  session,
  stampCeiling,
  revocation,
  webhookEndpoint,
  event,
  delivery,
])

/** A line, its instants read. */
export type RecordLine = z.output<typeof recordLine>
export type RecordLineOf<K extends RecordLine['kind']> = Extract<RecordLine, { readonly kind: K }>

/** A line's object, checked, or the first thing that is wrong with it. */
export function parseRecordLine(value: unknown): RecordLine | { readonly fault: Fault } {
  const result = tryParse(recordLine, value)
  if (result.success) return result.data
  const fault = faultOf(result.issues)
  const isOfNoKind = result.issues[0]?.code === 'invalid_union' && fault.field === 'kind'
  return { fault: isOfNoKind ? { field: 'kind', why: 'must be one of the kinds of record' } : fault }
}

/** The JSON Schema (draft 2020-12) of a line as it is written. */
export function recordLineSchema(): object {
  return z.toJSONSchema(recordLine, { io: 'input', unrepresentable: 'any' })
}
