import * as z from 'zod'
import {
  deviceTag,
  email,
  hostId,
  instant,
  licenseKey,
  maxActivations,
  metadata,
  name,
  printableAscii,
  productId,
  text,
  version,
  wholeNumber,
} from './primitives'

const YEAR_SECONDS = 31_536_000

const newCustomer = z.object({ name, email: email.nullish() })

/** What every KeyMint request that acts on a license names. */
export const licenseTarget = z.object({ productId, licenseKey })

/** The optional fields that creating and updating a key share. */
const keyFields = {
  maxActivations,
  expiryDate: instant.nullish(),
  customerId: printableAscii(22, 256).nullish(),
  newCustomer: newCustomer.nullish(),
  metadata: metadata.nullish(),
  allowedHosts: z.array(hostId).max(1000).nullish(),
  versionId: printableAscii(22, 256).nullish(),
  licenseType: z.enum(['node-locked', 'floating']).optional(),
  maxConcurrentSessions: wholeNumber(1, 9_999_999).nullish(),
  heartbeatInterval: wholeNumber(60, YEAR_SECONDS).nullish(),
  sessionLeaseDuration: wholeNumber(300, YEAR_SECONDS).nullish(),
}

const keyFormat = z.object({
  sections: z.int().min(1).max(10).optional(),
  sectionLength: z.int().min(1).max(32).optional(),
  separator: printableAscii(0, 3).optional(),
  charset: printableAscii(1, 256).optional(),
  prefix: printableAscii(0, 16).optional(),
  suffix: printableAscii(0, 16).optional(),
  case: z.enum(['upper', 'lower', 'mixed']).optional(),
})

export const createKey = z.object({
  productId,
  ...keyFields,
  format: keyFormat.nullish(),
  amountKeys: wholeNumber(1, 1000).nullish(),
})

/** Version 1 calls the limit `usesPerKey`. */
export const v1CreateKey = createKey.extend({ usesPerKey: maxActivations })

export const updateKey = licenseTarget.extend(keyFields)

/** How many earlier ids of its own a host can name. */
const MAX_PREVIOUS_HOST_IDS = 8

/** What a host says of itself when it activates. */
export const activateFields = {
  previousHostIds: z.array(hostId).max(MAX_PREVIOUS_HOST_IDS).nullish(),
  deviceTag: deviceTag.nullish(),
  version: version.nullish(),
}

const licensee = z.object({ name: name.nullish(), email: email.nullish() }).nullish()

/** A device is named by the id of its activation. */
export const device = printableAscii(1, 256)

/** `hostId: null` means absent here, as one of the vendor's SDKs sends it. */
export const activateKey = licenseTarget.extend({
  ...activateFields,
  licensee,
  hostId: hostId.nullish(),
  replaceDevice: device.nullish(),
})

export const v1ActivateKey = licenseTarget.extend({ ...activateFields, licensee, hostId })

/** Here `null` is malformed: nothing but absence may mean all devices. */
export const deactivateKey = licenseTarget.extend({ hostId: hostId.optional() })

export const validateKey = licenseTarget.extend({ hostId })

const CENTURY_SECONDS = 100 * YEAR_SECONDS

export const signKey = licenseTarget.extend({ hostId, ttl: wholeNumber(60, CENTURY_SECONDS).nullish() })

export const checkout = licenseTarget.extend({
  hostId,
  deviceTag: deviceTag.nullish(),
  userIdentifier: text(1, 256).nullish(),
})

/** What a heartbeat and a checkin show: `timestamp` is the last `nextNonce`. */
export const sessionProof = licenseTarget.extend({
  sessionId: printableAscii(1, 64),
  timestamp: printableAscii(1, 64),
  signature: printableAscii(1, 128),
})
