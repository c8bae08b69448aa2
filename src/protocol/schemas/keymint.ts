import * as z from 'zod'
import { LENGTHS, NUMBERS } from '../bounds'
import { keyFormatFields, licenseTerms, person, WIRE } from './fields'
import {
  appVersion,
  deviceTag,
  hostId,
  instantOrNever,
  licenseKey,
  pastedLicenseKey,
  printableAscii,
  productId,
  text,
  wholeNumber,
} from './primitives'

/** What every KeyMint request that acts on a license names. */
export const licenseTarget = z.object({ productId, licenseKey })

const pastedTarget = licenseTarget.extend({ licenseKey: pastedLicenseKey })

const terms = licenseTerms(WIRE)

/** The optional fields that creating and updating a key share, as the protocol calls them. */
const keyFields = {
  maxActivations: terms.maxActivations,
  expiryDate: instantOrNever.nullish(),
  customerId: terms.customerId,
  newCustomer: z.object(person).nullish(),
  metadata: terms.metadata,
  allowedHosts: terms.allowedHosts,
  usersPerHost: terms.usersPerHost,
  versionId: terms.versionId,
  licenseType: terms.type,
  maxConcurrentSessions: terms.maxConcurrentSessions,
  heartbeatInterval: terms.heartbeatIntervalSeconds,
  sessionLeaseDuration: terms.sessionLeaseSeconds,
}

export const createKey = z.object({
  productId,
  ...keyFields,
  format: z.object(keyFormatFields).nullish(),
  amountKeys: wholeNumber([1, 1000]).nullish(),
})

/** Version 1 calls the limit `usesPerKey`. */
export const v1CreateKey = createKey.extend({ usesPerKey: terms.maxActivations })

export const updateKey = licenseTarget.extend(keyFields)

/** How many earlier ids of its own a host can name. */
const MAX_PREVIOUS_HOST_IDS = 8

/** What a host says of itself when it activates. */
export const activateFields = {
  previousHostIds: z.array(hostId).max(MAX_PREVIOUS_HOST_IDS).nullish(),
  deviceTag: deviceTag.nullish(),
  version: appVersion.nullish(),
}

const licensee = z.object({ ...person, name: person.name.nullish() }).nullish()

/** A device is named by the id of its activation. */
export const device = printableAscii(LENGTHS.importedId)

/** `hostId: null` means absent here, as one of the vendor's SDKs sends it. */
export const activateKey = pastedTarget.extend({
  ...activateFields,
  licensee,
  hostId: hostId.nullish(),
  replaceDevice: device.nullish(),
  licenseToken: text(LENGTHS.licenseToken).nullish(),
})

export const v1ActivateKey = pastedTarget.extend({ ...activateFields, licensee, hostId })

/** Here `null` is malformed: nothing but absence may mean all devices. */
export const deactivateKey = licenseTarget.extend({ hostId: hostId.optional(), forAll: z.boolean().optional() })

export const validateKey = pastedTarget.extend({
  hostId,
  renewal: wholeNumber(NUMBERS.renewal).nullish(),
  stamp: wholeNumber(NUMBERS.stamp).nullish(),
})

export const signKey = licenseTarget.extend({ hostId, ttl: wholeNumber(NUMBERS.fileSeconds).nullish() })

export const checkout = pastedTarget.extend({
  hostId,
  deviceTag: deviceTag.nullish(),
  userIdentifier: text(LENGTHS.name).nullish(),
})

/** What a heartbeat and a checkin show: `timestamp` is the last `nextNonce`. */
export const sessionProof = licenseTarget.extend({
  sessionId: printableAscii([1, 64]),
  timestamp: printableAscii([1, 64]),
  signature: printableAscii([1, 128]),
})
