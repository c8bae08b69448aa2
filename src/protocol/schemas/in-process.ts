import * as z from 'zod'
import { SCOPES } from '../routes'
import { inputParser } from './parse-input'
import { email, hostId, MAX_ACTIVATIONS, metadata, name, printableAscii, productId, text } from './primitives'

/** The inputs of the in-process API: the same bounds as on the wire, in the types of the language. */

const id = printableAscii(22, 256)
const maxActivations = z.int().min(1).max(MAX_ACTIVATIONS).nullish()
const allowedHosts = z.array(hostId).max(1000).nullish()
const entitlements = z.array(text(1, 64)).max(100)
const MAX_SECONDS = 10 * 31_536_000

export const parseCreateLicense = inputParser(
  z.object({
    productId,
    maxActivations,
    expiresAt: z.date().nullish(),
    validFor: z
      .object({ amount: z.int().min(1).max(9999), unit: z.enum(['hour', 'day', 'week', 'month', 'year']) })
      .optional(),
    customer: z.union([z.object({ id }), z.object({ name, email: email.nullish() })]).optional(),
    metadata: metadata.nullish(),
    allowedHosts,
    versionId: id.nullish(),
    floating: z
      .object({
        maxConcurrentSessions: maxActivations,
        heartbeatIntervalSeconds: z.int().min(60).max(MAX_SECONDS).optional(),
        sessionLeaseSeconds: z.int().min(300).max(MAX_SECONDS).optional(),
      })
      .optional(),
    idempotencyKey: text(1, 255).optional(),
  }),
)

export const parseLicenseChanges = inputParser(
  z.object({
    customerId: id.nullable().optional(),
    maxActivations,
    expiresAt: z.date().nullish(),
    blocked: z.boolean().optional(),
    metadata: metadata.nullish(),
    allowedHosts,
    versionId: id.nullish(),
    type: z.enum(['node-locked', 'floating']).optional(),
    maxConcurrentSessions: maxActivations,
    heartbeatIntervalSeconds: z.int().min(60).max(MAX_SECONDS).nullish(),
    sessionLeaseSeconds: z.int().min(300).max(MAX_SECONDS).nullish(),
  }),
)

export const parseCreateProductVersion = inputParser(
  z.object({ version: text(1, 32), description: text(1, 1000).nullish() }),
)

export const parseProductVersionChanges = inputParser(
  z.object({ version: text(1, 32).optional(), description: text(1, 1000).nullish(), active: z.boolean().optional() }),
)

const productFields = {
  offlineLifetimeSeconds: z.int().min(60).max(MAX_SECONDS).optional(),
  graceSeconds: z.int().min(0).max(MAX_SECONDS).optional(),
  entitlements: entitlements.optional(),
  requireProof: z.boolean().optional(),
  selfService: z.boolean().optional(),
  trialSeconds: z.int().min(60).max(MAX_SECONDS).nullish(),
}

export const parseCreateProduct = inputParser(z.object({ name, ...productFields }))

export const parseProductChanges = inputParser(
  z.object({ name: name.optional(), active: z.boolean().optional(), ...productFields }),
)

export const parseCreateCustomer = inputParser(z.object({ name, email: email.nullish() }))

export const parseCustomerChanges = inputParser(
  z.object({ name: name.optional(), email: email.nullish(), active: z.boolean().optional() }),
)

export const parseCreateAccessToken = inputParser(
  z.object({
    name,
    kind: z.enum(['secret', 'publishable']),
    scopes: z.array(z.enum(SCOPES)),
    productIds: z.array(id).max(1000).nullish(),
    allowedAddresses: z.array(printableAscii(1, 64)).max(100).nullish(),
    expiresAt: z.date().nullish(),
  }),
)

const eventTypes = z.array(text(1, 64)).max(100).nullish()

export const parseCreateWebhook = inputParser(z.object({ url: z.url().max(2048), eventTypes }))

export const parseWebhookChanges = inputParser(
  z.object({ url: z.url().max(2048).optional(), eventTypes, active: z.boolean().optional() }),
)

export const parseSignLicenseFile = inputParser(
  z.object({
    productId,
    hostId,
    ttlSeconds: z
      .int()
      .min(60)
      .max(100 * 31_536_000)
      .optional(),
  }),
)
