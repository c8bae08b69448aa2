import type { Activation } from '../../domain/activation'
import { addDuration, type CalendarDuration } from '../../domain/calendar'
import { type Customer, customerName } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { License, LicenseChanges, LicenseTerms, SeatTerms } from '../../domain/license'
import type { LicenseFilter } from '../../domain/license-filter'
import { DEFAULT_KEYS, formattedKeys, type KeyFormat, type KeyMaker, namedKey } from '../../domain/license-key'
import { LicenseError } from '../../protocol/license-error'
import type { LicenseFile } from '../../protocol/license-file'
import * as inputs from '../../protocol/schemas/in-process'
import { parserOf } from '../../protocol/schemas/parse-input'
import type { Page } from '../../storage/verbs/store'
import { activate } from '../service/activate'
import { deleteLicense, resetLicense, setBlocked, updateLicense } from '../service/change-license'
import type { Call, ServiceContext } from '../service/context'
import { type CreateLicenses, createLicenses } from '../service/create-licenses'
import { deactivateHost } from '../service/deactivate'
import { describeLicense, describeLicenseById, type LicenseDescription } from '../service/describe-license'
import { dropKey } from '../service/drop-key'
import { endSession, type LiveSession, listLiveSessions } from '../service/live-sessions'
import { signLicenseFile } from '../service/sign-license-file'
import { type Validation, validate } from '../service/validate'
import { parseHostId, parseLicenseId, parseSessionId, parseTarget } from './names'
import { type OnceOnly, onceOnly } from './once-only'
import { each, type PageOptions, parsePage } from './page'

/** What a license is made with. What is left out is not limited. */
export interface CreateLicenseInput
  extends Partial<Omit<LicenseTerms, 'customerId' | 'type' | keyof SeatTerms>>,
    OnceOnly {
  readonly productId: string
  /** Instead of `expiresAt`: how long it is good for from now, by the calendar. */
  readonly validFor?: CalendarDuration
  /**
   * Who holds it: found by email, letter case aside, or made in the same step. Without an email that can be looked up, always
   * made; with neither a name nor an email, nobody. Whatever a payment says is carried, and costs no license: a name that is
   * missing is the email, a long one is cut at 256 characters, and an email that is none is kept as it is.
   */
  readonly customer?: { readonly name?: string | null; readonly email?: string | null } | { readonly id: string } | null
  /** Makes it a floating license, of seats that are held for a time, instead of one for fixed hosts. */
  readonly floating?: FloatingTerms
  /** How the key looks. Default `T8XTR-AI21B-2990H-85SB5`. */
  readonly format?: KeyFormat
  /**
   * The key itself, as it is to be shown, instead of a random one: 1 to 256 printable ASCII characters. For keys that are out
   * already, such as one of a license that was deleted by mistake. keyslot takes it for one that can be guessed.
   */
  readonly key?: string
  /**
   * Names the reason for this license, such as a payment's id: for 30 days, asking again with the same key
   * returns the license made the first time and makes none. `expiresAt` may differ between the two.
   */
  readonly idempotencyKey?: string
}

/** A host that is to have a slot. */
interface ActivateInput {
  readonly productId: string
  readonly hostId: string
  /** A name for the device, for people to read, up to 64 characters. */
  readonly deviceTag?: string
  readonly appVersion?: string
  /** Who uses it, where that is not the customer. Carried, and not judged. */
  readonly licensee?: { readonly name?: string | null; readonly email?: string | null } | null
}

/** A host that has a slot. */
interface ActivatedHost {
  readonly license: License
  readonly activation: Activation
  /** For the host: the app checks it offline. */
  readonly licenseToken: string
}

export interface SignInput {
  readonly productId: string
  readonly hostId: string
  readonly ttlSeconds?: number
}

/** How the seats of a floating license are lent. */
export interface FloatingTerms extends Partial<SeatTerms> {}

export interface CreatedLicense {
  readonly key: string
  readonly license: License
  readonly customer: Customer | null
  /** True when this is the license an earlier call with the same `idempotencyKey` made. */
  readonly replayed: boolean
}

/** Licenses of one account, in process. License keys are matched as on the wire: letter case and outer white space aside. */
export interface LicensesApi {
  /**
   * Makes a license.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field; also where both `key` and
   *   `format` are given
   * @throws {LicenseError} KEY_TAKEN when there is a license with that `key`
   * @throws {LicenseError} PRODUCT_NOT_FOUND when the product is unknown or inactive; CUSTOMER_NOT_FOUND
   * @throws {LicenseError} IDEMPOTENCY_MISMATCH when the idempotency key was used for another license
   */
  create(input: CreateLicenseInput): Promise<CreatedLicense>
  /**
   * A license, its customer and its newest 10,000 activations.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN
   */
  get(licenseKey: string): Promise<LicenseDescription>
  /**
   * The same of a license that is named by its id, which events and webhooks carry.
   * @throws {LicenseError} LICENSE_NOT_FOUND
   */
  getById(licenseId: string): Promise<LicenseDescription>
  /**
   * Oldest first. `externalId`, `customerId`, `email` and `productId` find licenses at once; for the other fields alone all of the
   * account are looked at.
   * @throws {LicenseError} INVALID_REQUEST when the filter or the page is at fault, naming the field
   */
  list(filter?: LicenseFilter, page?: PageOptions): Promise<Page<License>>
  /**
   * Every license that is meant, oldest first, read as it is walked: `for await (const license of licenses.each())`. Licenses
   * may be changed and deleted on the way.
   * @throws {LicenseError} INVALID_REQUEST, naming the field
   */
  each(filter?: LicenseFilter): AsyncIterable<License, void, undefined>
  /**
   * Changes what is given; null clears. Lowering the limit evicts nobody.
   * @throws {LicenseError} INVALID_REQUEST when a change is, naming the field
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN, CUSTOMER_NOT_FOUND, VERSION_NOT_FOUND
   */
  update(licenseKey: string, changes: LicenseChanges): Promise<License>
  /**
   * A license file for a host that cannot be online; takes an activation slot. Good until the earlier of the license's
   * expiry and `ttlSeconds` from now (at least 60; needed if the license never expires).
   * @throws {LicenseError} LICENSE_NOT_FOUND, INVALID_REQUEST, MISSING_PARAMS, or what activating the host would
   */
  sign(licenseKey: string, input: SignInput): Promise<LicenseFile>
  /**
   * Activates a host, as the app would: takes a slot, unless the host has one, and signs a license token.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE,
   *   HOST_NOT_ALLOWED, ACTIVATION_LIMIT_REACHED; INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field
   */
  activate(licenseKey: string, input: ActivateInput): Promise<ActivatedHost>
  /**
   * Whether a license serves on a host, with a fresh license token if it does. Takes no slot.
   * @throws {LicenseError} LICENSE_NOT_FOUND; INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field
   */
  validate(licenseKey: string, host: { readonly productId: string; readonly hostId: string }): Promise<Validation>
  /**
   * Drops a user of a host, such as a stranger who has bound a key: the tokens of that user are revoked, and none of the user's
   * keys is bound to the host again while the host holds its slot. The other users go on, and the slot stays taken. The user is
   * answered `HOST_KEY_DROPPED`. Dropping one again changes nothing.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED; ACTIVATION_NOT_FOUND when the host has no such user
   * @param user by a `thumbprint`, or its first 8 characters and more; `get` lists them: `activations` with `keys`
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, or several users have a key that begins so
   */
  dropKey(
    licenseKey: string,
    user: { readonly productId: string; readonly hostId: string; readonly key: string },
  ): Promise<void>
  /**
   * Frees the slot of a host at once, for all of its users, and revokes its license tokens: for a computer that was lost, or
   * sold. The host may take a slot again; `dropKey`, `block` and `allowedHosts` keep it from that.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED; ACTIVATION_NOT_FOUND when the host has none
   */
  releaseHost(licenseKey: string, hostId: string): Promise<void>
  /**
   * The seats of a floating license that are taken now, oldest first; 100 where no page is asked for.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN
   */
  sessions(licenseKey: string, page?: PageOptions): Promise<Page<LiveSession>>
  /**
   * Frees a seat at once, such as that of a workstation that has crashed. Whoever holds it may take one again.
   * @throws {LicenseError} LICENSE_NOT_FOUND; SESSION_NOT_FOUND when it is unknown or has lapsed
   */
  endSession(licenseKey: string, sessionId: string): Promise<void>
  /** @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN */
  block(licenseKey: string): Promise<License>
  /** @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN */
  unblock(licenseKey: string): Promise<License>
  /**
   * Removes every activation and counts the reset.
   * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN
   */
  reset(licenseKey: string): Promise<License>
  /** @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_FOREIGN */
  delete(licenseKey: string): Promise<void>
}

const parseCreateLicense = parserOf<CreateLicenseInput>()(inputs.createLicense)
const parseLicenseChanges = parserOf<LicenseChanges>()(inputs.licenseChanges)
const parseLicenseFilter = parserOf<LicenseFilter>()(inputs.licenseFilter)
const parseDropKey = parserOf<Parameters<LicensesApi['dropKey']>[1]>()(inputs.dropKey)
const parseActivateHost = parserOf<ActivateInput>()(inputs.activateHost)
const parseValidateHost = parserOf<Parameters<LicensesApi['validate']>[1]>()(inputs.validateHost)
const parseSignLicenseFile = parserOf<SignInput>()(inputs.signLicenseFile)

export function createLicensesApi(context: ServiceContext, call: Call): LicensesApi {
  const meant = (filter: LicenseFilter | undefined) => withoutUndefined(parseLicenseFilter(filter))
  return {
    create: (input) => create(context, call, input),
    get: async (licenseKey) => describeLicense(context, call, parseTarget(licenseKey)),
    getById: async (licenseId) => describeLicenseById(context, call, parseLicenseId(licenseId)),
    list: async (filter, page) => context.store.listLicenses(call.accountId, meant(filter), parsePage(page)),
    each(filter) {
      const parsed = meant(filter)
      return each((page) => context.store.listLicenses(call.accountId, parsed, page))
    },
    async update(licenseKey, changes) {
      const target = parseTarget(licenseKey)
      return updateLicense(context, call, target, withoutUndefined(parseLicenseChanges(changes)))
    },
    sign: async (licenseKey, input) => {
      const parsed = parseSignLicenseFile(input)
      return signLicenseFile(context, call, { ...parseTarget(licenseKey), ...withoutUndefined(parsed) })
    },
    async activate(licenseKey, input) {
      const { licensee, ...host } = withoutUndefined(parseActivateHost(input))
      const user = licensee && { name: licensee.name || null, email: licensee.email ?? null }
      const asked = { ...parseTarget(licenseKey), ...host, ...(user && { licensee: user }) }
      const { license, activation, licenseToken } = await activate(context, call, asked)
      return { license, activation, licenseToken }
    },
    validate: async (licenseKey, host) =>
      validate(context, call, { ...parseTarget(licenseKey), ...parseValidateHost(host) }),
    dropKey: async (licenseKey, input) =>
      dropKey(context, call, { ...parseTarget(licenseKey), ...parseDropKey(input) }),
    async releaseHost(licenseKey, hostId) {
      const host = { ...parseTarget(licenseKey), hostId: parseHostId(hostId) }
      await deactivateHost(context, call, { ...host, forAll: true })
    },
    sessions: async (licenseKey, page) => listLiveSessions(context, call, parseTarget(licenseKey), parsePage(page)),
    endSession: async (licenseKey, sessionId) =>
      endSession(context, call, { ...parseTarget(licenseKey), sessionId: parseSessionId(sessionId) }),
    block: async (licenseKey) => setBlocked(context, call, parseTarget(licenseKey), true),
    unblock: async (licenseKey) => setBlocked(context, call, parseTarget(licenseKey), false),
    reset: async (licenseKey) => resetLicense(context, call, parseTarget(licenseKey)),
    delete: async (licenseKey) => deleteLicense(context, call, parseTarget(licenseKey)),
  }
}

async function create(context: ServiceContext, call: Call, input: CreateLicenseInput): Promise<CreatedLicense> {
  const parsed = withoutUndefined(parseCreateLicense(input))
  const { productId, validFor, customer, floating, format, key, idempotencyKey: _, ...terms } = parsed
  const now = context.now()
  // `expiresAt` is no part of what must be the same: whoever retries computes it anew.
  const { expiresAt: __, ...payload } = parsed
  const created = await createLicenses(context, onceOnly(call, 'licenses.create', payload, now), {
    quantity: 1,
    terms: {
      productIds: [productId],
      ...terms,
      ...(validFor && { expiresAt: addDuration(now, validFor) }),
      ...(floating && { type: 'floating', ...withoutUndefined(floating) }),
    },
    keys: keysFor(format && withoutUndefined(format), key),
    ...holderOf(customer),
  })
  const [license] = created.licenses
  if (license === undefined) throw new TypeError('the store made no license')
  return { key: license.key, license, customer: created.customer, replayed: created.replayed !== undefined }
}

/** Who holds a license: nobody where neither a name nor an email says who. */
function holderOf(customer: ReturnType<typeof parseCreateLicense>['customer']): Pick<CreateLicenses, 'holder'> {
  if (!customer) return {}
  if ('id' in customer) return { holder: { customerId: customer.id } }
  const { name = null, email = null } = customer
  return customerName(name, email) === null ? {} : { holder: { name, email, onEmailTaken: 'reuse' } }
}

function keysFor(format: KeyFormat | undefined, key: string | undefined): KeyMaker {
  if (key === undefined) return format ? formattedKeys(format) : DEFAULT_KEYS
  if (format === undefined) return namedKey(key)
  throw new LicenseError('INVALID_REQUEST', 'key: comes without a format', { detail: { field: 'key' } })
}
