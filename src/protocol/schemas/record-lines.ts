import * as z from 'zod'
import { SCOPES } from '../routes'
import {
  deviceTag,
  email,
  hostId,
  instant,
  licenseKey,
  MAX_ACTIVATIONS,
  metadata,
  name,
  printableAscii,
  text,
  version,
} from './primitives'
import { tryParse } from './try-parse'

/**
 * The lines of an export and of an import: one JSON object each, told apart by `kind`. An export has every field; an
 * import may leave out all that has a default. A field that is not known is an error: a mistyped `expiresAt` would
 * otherwise make a license that never ends.
 */

const MAX_SECONDS = 3_155_760_000
const MAX_COUNT = Number.MAX_SAFE_INTEGER

const id = printableAscii(1, 256)
/** Ids that travel in requests, which ask for 22 characters at the least. */
const wireId = printableAscii(22, 256)
const freeText = text(0, 65_536)
const seconds = z.int().min(0).max(MAX_SECONDS)
const count = z.int().min(0).max(MAX_COUNT)
const limit = z.int().min(1).max(MAX_ACTIVATIONS).nullish()
/** What `JSON.stringify` writes for U+0000 and for half a surrogate pair. */
const UNSAFE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/
const json = z
  .record(z.string(), z.unknown())
  .refine((value) => !UNSAFE_ESCAPE.test(JSON.stringify(value)), 'must hold well-formed Unicode without U+0000')
const duration = z.strictObject({
  amount: z.int().min(1).max(9999),
  unit: z.enum(['hour', 'day', 'week', 'month', 'year']),
})

/** A product by its package id, a number; or by its id or its name. */
const productName = z.union([z.int().min(1), text(1, 256)])

/** A license key, as it was given. */
const givenKey = text(1, 1024).refine(
  (key) => licenseKey.safeParse(key).success,
  'must be 1 to 256 characters of printable ASCII',
)

const activationFields = {
  id: id.optional(),
  hostId,
  deviceTag: deviceTag.nullish(),
  address: text(0, 256).nullish(),
  appVersion: version.nullish(),
  licensee: z.strictObject({ name: name.nullish(), email: email.nullish() }).nullish(),
  jti: id.optional(),
  stampFloor: count.optional(),
  tokensEndAt: instant.optional(),
  activatedAt: instant.optional(),
  lastSeenAt: instant.optional(),
  expiresAt: instant.nullish(),
  proofKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 characters of base64url')
    .nullish(),
  surrenderedAt: instant.nullish(),
}

const inlineCustomer = z.strictObject({
  id: wireId.optional(),
  name,
  email: email.nullish(),
  active: z.boolean().optional(),
})

const signingKey = z.strictObject({ kind: z.literal('signing-key'), kid: id, recordedAt: instant })

const account = z.strictObject({
  kind: z.literal('account'),
  id: wireId,
  name: freeText,
  plan: z.enum(['free', 'pro']).optional(),
  createdAt: instant.optional(),
})

const accessToken = z.strictObject({
  kind: z.literal('access-token'),
  id,
  accountId: id.optional(),
  name: freeText,
  /** `kind` of the token: that word is taken. */
  tokenKind: z.enum(['secret', 'publishable']),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  scopes: z.array(z.enum(SCOPES)),
  productIds: z.array(id).nullable(),
  allowedAddresses: z.array(printableAscii(1, 64)).nullable(),
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
  createdAt: instant,
})

const product = z.strictObject({
  kind: z.literal('product'),
  id: wireId.optional(),
  accountId: id.optional(),
  packageId: z.int().min(1).max(MAX_COUNT).optional(),
  name,
  active: z.boolean().optional(),
  offlineLifetimeSeconds: seconds.optional(),
  graceSeconds: seconds.optional(),
  entitlements: z.array(text(1, 64)).max(100).optional(),
  requireProof: z.boolean().optional(),
  selfService: z.boolean().optional(),
  trialSeconds: seconds.nullish(),
  createdAt: instant.optional(),
})

const productVersion = z.strictObject({
  kind: z.literal('product-version'),
  id: wireId.optional(),
  accountId: id.optional(),
  productId: id.optional(),
  product: productName.optional(),
  version: text(1, 256),
  description: freeText.nullish(),
  active: z.boolean().optional(),
  createdAt: instant.optional(),
})

const customer = z.strictObject({
  kind: z.literal('customer'),
  id: wireId.optional(),
  accountId: id.optional(),
  name,
  email: email.nullish(),
  active: z.boolean().optional(),
  createdBy: text(1, 256).optional(),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
})

const license = z.strictObject({
  kind: z.literal('license'),
  id: id.optional(),
  accountId: id.optional(),
  key: givenKey,
  canonicalKey: z.string().optional(),
  productIds: z.array(id).min(1).max(1000).optional(),
  products: z.array(productName).min(1).max(1000).optional(),
  product: productName.optional(),
  customerId: id.nullish(),
  customer: inlineCustomer.nullish(),
  type: z.enum(['node-locked', 'floating']).optional(),
  maxActivations: limit,
  activationCount: count.optional(),
  expiresAt: instant.nullish(),
  soldFor: duration.nullish(),
  activationDuration: duration.nullish(),
  blocked: z.boolean().optional(),
  metadata: metadata.nullish(),
  allowedHosts: z.array(hostId).max(1000).nullish(),
  versionId: id.nullish(),
  resetCount: count.optional(),
  stampFloor: count.optional(),
  revokedStamp: count.optional(),
  unlistedTokensEndAt: instant.nullish(),
  cleanable: z.boolean().optional(),
  maxConcurrentSessions: limit,
  heartbeatIntervalSeconds: seconds.nullish(),
  sessionLeaseSeconds: seconds.nullish(),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
  activations: z.array(z.strictObject(activationFields)).max(100_000).optional(),
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
  userIdentifier: text(0, 256),
  deviceTag: deviceTag.nullable(),
  address: text(0, 256).nullable(),
  secret: text(1, 1024),
  nonce: text(1, 1024),
  startedAt: instant,
  renewedAt: instant,
  expiresAt: instant,
})

const revocation = z.strictObject({
  kind: z.literal('revocation'),
  productId: printableAscii(1, 256),
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
  url: text(1, 2048),
  eventTypes: z.array(text(1, 64)).nullable(),
  secrets: z.array(z.strictObject({ secret: text(1, 1024), createdAt: instant, expiresAt: instant.nullable() })),
  active: z.boolean(),
  createdAt: instant,
})

const event = z.strictObject({
  kind: z.literal('event'),
  id,
  accountId: id.optional(),
  type: text(1, 64),
  at: instant,
  actor: z.strictObject({ id: text(0, 256), address: text(0, 256).nullable() }),
  licenseId: id.nullable(),
  data: json,
})

const delivery = z.strictObject({
  kind: z.literal('delivery'),
  id: printableAscii(1, 600),
  accountId: id.optional(),
  endpointId: id,
  eventId: id,
  status: z.enum(['pending', 'delivered', 'dead']),
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

/** Why a line was not understood: the field, where there is one, and what is wrong with it. Never the value. */
export interface LineFault {
  readonly field: string
  readonly why: string
}

/** A line's object, checked, or the first thing that is wrong with it. */
export function parseRecordLine(value: unknown): RecordLine | { readonly fault: LineFault } {
  const result = tryParse(recordLine, value)
  if (result.success) return result.data
  const [issue] = result.issues
  const path = issue?.path.join('.') ?? ''
  if (issue?.code === 'unrecognized_keys') {
    return { fault: { field: [...issue.path, issue.keys[0]].join('.'), why: 'is not a field of this kind' } }
  }
  if (issue?.code === 'invalid_union' && path === 'kind') {
    return { fault: { field: 'kind', why: 'must be one of the kinds of record' } }
  }
  return { fault: { field: path, why: issue?.message ?? 'is not as it should be' } }
}

/** The JSON Schema (draft 2020-12) of a line as it is written. */
export function recordLineSchema(): object {
  return z.toJSONSchema(recordLine, { io: 'input', unrepresentable: 'any' })
}
