import * as z from 'zod'
import { LENGTHS, NUMBERS } from '../bounds'
import { DELIVERY_STATUSES, EVENT_TYPES, PLANS } from '../enumerations'
import {
  authtoolClientFields,
  carriedPerson,
  customerState,
  durationFields,
  IN_PROCESS,
  keyFormatFields,
  licenseFilterFields,
  licenseTerms,
  productTerms,
  tokenFields,
  versionFields,
  webhookFields,
} from './fields'
import {
  appVersion,
  deviceTag,
  givenKey,
  hostId,
  name,
  printableAscii,
  productId,
  soughtText,
  startOfThumbprint,
  text,
} from './primitives'

/**
 * The inputs of the in-process API: the same fields as on the wire, in the types of the language. A field that is not known
 * is refused: a mistyped `expiresAt` would otherwise make a license that never ends.
 */

const { id } = IN_PROCESS
const idempotencyKey = text(LENGTHS.idempotencyKey).optional()

const { customerId, type, maxConcurrentSessions, heartbeatIntervalSeconds, sessionLeaseSeconds, ...plainTerms } =
  licenseTerms(IN_PROCESS)
const seats = { maxConcurrentSessions, heartbeatIntervalSeconds, sessionLeaseSeconds }

/** What names one thing, under the name that errors call it by. */
export function named(field: string) {
  return z.object({ [field]: soughtText })
}

export const createAccount = z.strictObject({ name, plan: z.enum(PLANS).optional() })

export const createLicense = z.strictObject({
  productId,
  ...plainTerms,
  validFor: z.strictObject(durationFields).optional(),
  customer: z.union([z.strictObject({ id }), z.strictObject(carriedPerson)]).nullish(),
  floating: z.strictObject(seats).optional(),
  format: z.strictObject(keyFormatFields).optional(),
  key: givenKey.optional(),
  idempotencyKey,
})

export const licenseChanges = z.strictObject({
  ...plainTerms,
  ...seats,
  customerId,
  type,
  blocked: z.boolean().optional(),
})

const count = z.int().min(0)

export const pageRequest = z.strictObject({ limit: count.optional(), offset: count.optional() })

export const licenseFilter = z.strictObject({
  ...licenseFilterFields,
  email: soughtText.optional(),
  blocked: z.boolean().optional(),
  expiresFrom: IN_PROCESS.instant.optional(),
  expiresBefore: IN_PROCESS.instant.optional(),
  keyPart: soughtText.max(LENGTHS.licenseKey[1]).optional(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})

export const signLicenseFile = z.strictObject({
  productId,
  hostId,
  ttlSeconds: IN_PROCESS.whole(NUMBERS.fileSeconds).optional(),
})

const host = { productId, hostId }

export const activateHost = z.strictObject({
  ...host,
  deviceTag: deviceTag.optional(),
  appVersion: appVersion.optional(),
  licensee: z.strictObject(carriedPerson).nullish(),
})

export const validateHost = z.strictObject(host)

export const dropKey = z.strictObject({ productId, hostId, key: startOfThumbprint })

export const createProductVersion = z.strictObject(versionFields)

export const productVersionChanges = createProductVersion.partial()

export const createProduct = z.strictObject({ name, ...productTerms(IN_PROCESS), idempotencyKey })

const authtoolClient = z.strictObject({
  token: printableAscii(LENGTHS.packageToken).optional(),
  aesKey: printableAscii(LENGTHS.aesKey).optional(),
  ...authtoolClientFields,
})

export const productChanges = createProduct
  .omit({ idempotencyKey: true })
  .partial()
  .extend({ authtoolClient: authtoolClient.nullish() })

export const createCustomer = z.strictObject({ ...carriedPerson, ...customerState })

export const customerChanges = createCustomer.partial()

const token = tokenFields(IN_PROCESS)

export const createAccessToken = z.strictObject({
  name,
  ...token,
  productIds: token.productIds.optional(),
  allowedAddresses: token.allowedAddresses.optional(),
  wire: token.wire.optional(),
  expiresAt: token.expiresAt.optional(),
})

export const createWebhook = z.strictObject(webhookFields)

export const webhookChanges = createWebhook.partial()

export const deliveryFilter = z.strictObject({
  webhookId: soughtText.optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
})

export const eventFilter = z.strictObject({
  licenseId: soughtText.optional(),
  type: z.enum(EVENT_TYPES).optional(),
  since: IN_PROCESS.instant.optional(),
  newestFirst: z.boolean().optional(),
})
