import * as z from 'zod'
import type { LicenseFile } from '../../license-file'
import { keyStatement, licenseToken } from './license-token'
import {
  activated,
  activations,
  allowedHosts,
  answerComponents,
  code,
  expiry,
  id,
  instant,
  key,
  maxActivations,
  metadata,
  versionId,
} from './parts'

/** What family A answers when it is done, its customers aside. */

export const createdKeys = z
  .object({
    code,
    key: key.describe('The license key; the first, where there are several.'),
    keys: z.array(key).optional().describe('All of them, where `amountKeys` was given.'),
  })
  .register(answerComponents, { id: 'CreatedKeys' })

const device = z
  .object({
    hostId: z.string().describe('The host, as it named itself.'),
    deviceTag: z.string().optional().describe('What the app calls the device.'),
    ipAddress: z.string().optional().describe('The address it was activated from.'),
    activationTime: instant,
  })
  .register(answerComponents, { id: 'Device' })

const productVersion = z
  .object({
    id,
    version: z.string().describe('As the vendor writes it, such as `2.1.0`.'),
    description: z.string().nullable(),
    active: z.boolean().describe('Whether more licenses can be tied to it.'),
  })
  .register(answerComponents, { id: 'ProductVersion' })

export const customerOfKey = z
  .object({
    id,
    name: z.string(),
    email: z.string().nullable(),
    active: z.boolean().describe('False while the customer is disabled.'),
  })
  .register(answerComponents, { id: 'KeyCustomer' })

export const shownKey = z
  .object({
    code,
    data: z.object({
      license: z.object({
        id,
        key,
        productId: id.describe('The product the request named.'),
        maxActivations,
        activations,
        devices: z.array(device).describe('The newest 10,000 activations.'),
        activated,
        expirationDate: expiry.describe('Null: never.'),
        versionId,
        version: productVersion.nullable(),
        metadata,
        allowedHosts,
      }),
      customer: customerOfKey.optional().describe('Absent where the license has none.'),
    }),
  })
  .register(answerComponents, { id: 'ShownKey' })

export const updatedKey = z
  .object({ code, message: z.literal('Key updated'), affectedCount: z.literal(1) })
  .register(answerComponents, { id: 'UpdatedKey' })

const licensee = {
  licenseeName: z.string().optional().describe("The customer's name, where the license has a customer."),
  licenseeEmail: z.string().optional().describe("The customer's email, where it has one."),
}

const expirationDate = expiry.describe('When the license ends; null: never.')

export const activatedKey = z
  .object({
    code,
    message: z.literal('License valid'),
    ...licensee,
    metadata: z
      .record(z.string(), z.unknown())
      .describe(
        'The JSON object the vendor attached to the license, and beside it `hostId` and `features`, an object with `true` for each ' +
          "of the product's entitlements; the vendor's own fields of these names go before.",
      ),
    expirationDate: expirationDate.describe('When the license ends for this host; null: never.'),
    versionId,
    version: z
      .object({ version: z.string() })
      .optional()
      .describe('The product version the license is tied to, where it is tied to one.'),
    allowedHosts,
    hostId: z.string().describe('The host that now holds a slot: keep it, where the server made it.'),
    licenseToken,
  })
  .register(answerComponents, { id: 'ActivatedKey' })

export const deactivatedKey = z
  .object({
    message: z.enum(['Device deactivated', 'All devices deactivated']),
    code,
    status: z
      .enum(['kept-by-others', 'release-pending'])
      .optional()
      .describe(
        'Where the slot is not free: others of the host have used it within 30 days, or its older users may come back until ' +
          '`releaseAt`. Whoever asked is its user no more.',
      ),
    releaseAt: instant.optional().describe('When a pending release takes effect.'),
    devicesRemoved: z.int().min(0).describe('How many slots are free by it.'),
  })
  .register(answerComponents, { id: 'DeactivatedKey' })

/** What KeyMint's first version says of it: not how many. */
export const v1DeactivatedKey = deactivatedKey
  .omit({ devicesRemoved: true })
  .register(answerComponents, { id: 'V1DeactivatedKey' })

export const blockedKey = z
  .object({ message: z.literal('Key blocked'), code })
  .register(answerComponents, { id: 'BlockedKey' })

export const unblockedKey = z
  .object({ message: z.literal('Key unblocked'), code })
  .register(answerComponents, { id: 'UnblockedKey' })

const licenseFile = z
  .object({
    licenseToken,
    signedKey: key,
    signedDate: instant,
    keyId: z.string().describe('`kid` of the signing key.'),
    publicKeyFingerprint: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("Lower-case hex SHA-256 of the public key's SPKI DER."),
    keyStatements: z
      .array(keyStatement)
      .min(1)
      .exactOptional()
      .describe('`statements` of the JWK set, for a host that cannot fetch it.'),
  })
  .describe('What a `.lic` file holds.')
  .register(answerComponents, { id: 'LicenseFile' }) satisfies z.ZodType<LicenseFile>

export const signedKey = z
  .object({
    code,
    file: z
      .union([licenseFile, z.string().describe('The same as JSON text, in the form of September 2026.')])
      .describe('What a `.lic` file holds.'),
  })
  .register(answerComponents, { id: 'SignedKey' })

const lease = z
  .string()
  .optional()
  .describe(
    'Where the request had a nonce: the lease as compact JWS (`typ` `keyslot-lease+jwt`), signed for that nonce, with claims `exp`, ' +
      '`end` (of the license, or null) and `session`.',
  )

export const checkedOut = z
  .object({
    code,
    message: z.string(),
    sessionId: z.string().length(22),
    sessionSecret: z.string().describe('Key of the HMAC that signs heartbeats and the checkin; never sent again.'),
    nextNonce: z.string().describe('What the next heartbeat or checkin sends as `timestamp`.'),
    lease,
    expiresAt: instant.describe('When the seat is lost unless a heartbeat comes before.'),
    heartbeatInterval: z.int().min(60).describe('How often to send a heartbeat, in seconds.'),
    metadata,
    expirationDate,
    currentSessions: z.int().min(1).describe('Seats taken, this one included.'),
    maxSessions: z.int().min(0).describe('Seats there are; 0 stands for unlimited.'),
    ...licensee,
  })
  .register(answerComponents, { id: 'CheckedOutKey' })

export const renewedSession = z
  .object({
    code,
    message: z.string(),
    expiresAt: instant.describe('When the seat is lost unless the next heartbeat comes before.'),
    nextNonce: z.string().describe('What the next heartbeat or checkin sends as `timestamp`.'),
    lease,
  })
  .register(answerComponents, { id: 'RenewedSession' })

export const checkedIn = z.object({ code, message: z.string() }).register(answerComponents, { id: 'CheckedInKey' })
