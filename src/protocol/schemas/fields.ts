import * as z from 'zod'
import { type Bound, LENGTHS, NUMBERS } from '../bounds'
import {
  AUTHTOOL_MODES,
  CALENDAR_UNITS,
  CLONE_RULES,
  EVENT_TYPES,
  KEY_CASES,
  KEYMINT_WIRES,
  LICENSE_TYPES,
  PACKAGE_STATUSES,
  TOKEN_KINDS,
  WEBHOOK_ENVELOPES,
} from '../enumerations'
import { SCOPES } from '../routes'
import {
  carriedEmail,
  carriedName,
  email,
  hostId,
  instant,
  metadata,
  personName,
  printableAscii,
  soughtText,
  text,
  wholeNumber,
} from './primitives'

/**
 * The fields of what a vendor sets, each once. Requests, the in-process API and import files are made of them, each in a
 * form of its own.
 */

/** How a caller writes what callers write differently. */
interface Form<Whole extends z.ZodType<number>, Instant extends z.ZodType<Date>> {
  readonly whole: (bound: Bound) => Whole
  readonly instant: Instant
  /** An id of something that is there. */
  readonly id: ReturnType<typeof printableAscii>
}

export function strictWhole([min, max]: Bound) {
  return z.int().min(min).max(max)
}

const id = printableAscii(LENGTHS.id)

/** Requests: whole numbers may come as decimal digits. */
export const WIRE = { whole: wholeNumber, instant, id }

/** Calls in process: the types of the language. */
export const IN_PROCESS = { whole: strictWhole, instant: z.date(), id }

/** Import files: JSON as an export has it, and ids that another service gave. */
export const LINE = { whole: strictWhole, instant, id: printableAscii(LENGTHS.importedId) }

export function licenseTerms<W extends z.ZodType<number>, I extends z.ZodType<Date>>(form: Form<W, I>) {
  const limit = form.whole(NUMBERS.maxActivations).nullish()
  return {
    customerId: form.id.nullish(),
    type: z.enum(LICENSE_TYPES).optional(),
    maxActivations: limit,
    expiresAt: form.instant.nullish(),
    metadata: metadata.nullish(),
    allowedHosts: z.array(hostId).max(LENGTHS.allowedHosts[1]).nullish(),
    versionId: form.id.nullish(),
    externalId: text(LENGTHS.name).nullish(),
    usersPerHost: form.whole(NUMBERS.usersPerHost).nullish(),
    maxConcurrentSessions: limit,
    heartbeatIntervalSeconds: form.whole(NUMBERS.heartbeatIntervalSeconds).nullish(),
    sessionLeaseSeconds: form.whole(NUMBERS.sessionLeaseSeconds).nullish(),
  }
}

/** Which licenses are meant. Whatever names none finds none. */
export const licenseFilterFields = {
  productId: soughtText.optional(),
  customerId: soughtText.optional(),
  externalId: soughtText.optional(),
}

export function productTerms<W extends z.ZodType<number>, I extends z.ZodType<Date>>({ whole }: Form<W, I>) {
  return {
    active: z.boolean().optional(),
    offlineLifetimeSeconds: whole(NUMBERS.offlineLifetimeSeconds).optional(),
    graceSeconds: whole(NUMBERS.graceSeconds).optional(),
    entitlements: z.array(text(LENGTHS.entitlement)).max(LENGTHS.entitlements[1]).optional(),
    requireProof: z.boolean().optional(),
    selfService: z.boolean().optional(),
    onClone: z.enum(CLONE_RULES).optional(),
    trialSeconds: whole(NUMBERS.trialSeconds).nullish(),
    usersPerHost: whole(NUMBERS.usersPerHost).nullish(),
  }
}

/** What apps made for AuthTool are told of their product. */
export const authtoolClientFields = {
  mode: z.enum(AUTHTOOL_MODES).optional(),
  status: z.enum(PACKAGE_STATUSES).optional(),
  version: text(LENGTHS.packageText).optional(),
  updateNote: text(LENGTHS.packageText).optional(),
  downloadUpdateLink: text(LENGTHS.packageText).optional(),
  contactUrl: text(LENGTHS.packageText).optional(),
  isNeedKey: z.boolean().optional(),
}

export const versionFields = {
  version: text(LENGTHS.version),
  description: text(LENGTHS.description).nullish(),
  active: z.boolean().optional(),
}

/** What a person is called, as requests may say it. */
export const person = { name: personName, email: email.nullish() }

/** The same where it is carried, and not judged. */
export const carriedPerson = { name: carriedName.nullish(), email: carriedEmail.nullish() }

export const customerState = { active: z.boolean().optional() }

export function tokenFields<W extends z.ZodType<number>, I extends z.ZodType<Date>>(form: Form<W, I>) {
  return {
    kind: z.enum(TOKEN_KINDS),
    scopes: z.array(z.enum(SCOPES)),
    productIds: z.array(form.id).max(LENGTHS.productIds[1]).nullable(),
    allowedAddresses: z.array(printableAscii(LENGTHS.address)).max(LENGTHS.addresses[1]).nullable(),
    wire: z.enum(KEYMINT_WIRES).nullable(),
    expiresAt: form.instant.nullable(),
  }
}

const eventType = z.enum(EVENT_TYPES, { error: ({ input }) => `there are no events of type ${input}` })

export const webhookFields = {
  url: z.url().max(LENGTHS.url[1]),
  eventTypes: z.array(eventType).max(LENGTHS.eventTypes[1]).nullish(),
  envelope: z.enum(WEBHOOK_ENVELOPES).optional(),
  active: z.boolean().optional(),
}

/** The length of time that something is sold for. */
export const durationFields = { amount: strictWhole(NUMBERS.duration), unit: z.enum(CALENDAR_UNITS) }

/** How license keys are to look. */
export const keyFormatFields = {
  sections: strictWhole([1, 10]).optional(),
  sectionLength: strictWhole([1, 32]).optional(),
  separator: printableAscii([0, 3]).optional(),
  charset: printableAscii([1, 256]).optional(),
  prefix: printableAscii([0, 16]).optional(),
  suffix: printableAscii([0, 16]).optional(),
  case: z.enum(KEY_CASES).optional(),
}
