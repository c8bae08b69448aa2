import { type License, PLAIN_LICENSE, type LicenseTerms as SettableTerms } from '../../domain/license'
import type { KeyMaker } from '../../domain/license-key'
import { createId } from '../../domain/random'
import { LicenseError } from '../../protocol/license-error'
import { canonicalKey } from '../../protocol/license-key-text'
import type { InsertLicenses, InsertLicensesOutcome, Replayable } from '../../storage/verbs/store'
import { deleteLicense } from './change-license'
import { type Call, findReplay, planEvent, planStep, type ServiceContext, settle, withScope } from './context'
import { deleteUnused, planCustomer } from './customers'
import { customerMissing, emailTaken, forbidden, productMissing, versionMissing } from './refusals'

/** What licenses are made with; what is left out is unlimited, endless, or the default. */
export interface LicenseTerms
  extends Partial<SettableTerms & Pick<License, 'keyBits' | 'soldFor' | 'activationDuration' | 'cleanable'>> {
  readonly productIds: readonly string[]
}

export interface CreateLicenses {
  readonly quantity: number
  readonly terms: Omit<LicenseTerms, 'customerId'>
  readonly keys: KeyMaker
  /** Who holds them: a customer there is, or one to make in the same step. */
  readonly holder?:
    | { readonly customerId: string }
    | { readonly name: string | null; readonly email: string | null; readonly onEmailTaken: 'refuse' | 'reuse' }
}

export type CreatedLicenses = Replayable<Extract<InsertLicensesOutcome, { kind: 'created' }>>

/** Keys have at least 64 random bits: a second collision in a row is a broken random source. */
const MAX_KEY_COLLISIONS = 3

/** One step makes so many: a thousand in one would stop the event loop for longer than a request may. */
const LICENSES_A_STEP = 100

/**
 * Makes licenses, and their customer where one is given, all or none. Beyond {@link LICENSES_A_STEP} they are made in parts:
 * where a later part is refused, or the process ends, a call with an idempotency key goes on with it when it is made again; the
 * licenses of one without are deleted again where a part is refused, and so is the new customer.
 *
 * @throws {LicenseError} VERSION_NOT_FOUND when none of the products has the version they are tied to, or has it no more
 * @throws {LicenseError} PRODUCT_NOT_FOUND when one of the products is unknown or inactive
 * @throws {LicenseError} CUSTOMER_NOT_FOUND when `customerId` names none of the account's; INSUFFICIENT_PERMISSIONS when it
 *   names one whom the caller may not see
 * @throws {LicenseError} CUSTOMER_EMAIL_TAKEN when a new customer's email is, and `onEmailTaken` is `refuse`
 * @throws {LicenseError} KEY_TAKEN when the one key that they are to have is
 * @throws {LicenseError} IDEMPOTENCY_MISMATCH when the call's idempotency key was used for something else
 */
export async function createLicenses(
  context: ServiceContext,
  call: Call,
  input: CreateLicenses,
): Promise<CreatedLicenses> {
  const made: License[] = []
  const newCustomer = planHolder(context, call, input)
  for (const [part, quantity] of partsOf(input.quantity).entries()) {
    const [first] = made
    const holder = first === undefined ? {} : first.customerId !== null && { holder: { customerId: first.customerId } }
    try {
      const asked = { ...input, quantity, ...holder }
      const created = await createPart(
        context,
        partOf(call, part),
        asked,
        first === undefined ? newCustomer : undefined,
      )
      made.push(...created.licenses)
      if (made.length === input.quantity) return { ...created, licenses: made }
    } catch (error) {
      if (call.idempotency === undefined) await takeBack(context, call, made, newCustomer)
      throw error
    }
  }
  throw new TypeError('No licenses were asked for')
}

/**
 * The licenses that this very call has made before, for a caller that would refuse now what was good then; undefined where it
 * has not made them all.
 *
 * @throws {LicenseError} as {@link createLicenses} where that is what the call came to
 */
export async function createdBefore(
  context: ServiceContext,
  call: Call,
  quantity: number,
): Promise<CreatedLicenses | undefined> {
  const made: License[] = []
  for (const part of partsOf(quantity).keys()) {
    const created = await findPart(context, partOf(call, part))
    if (created === undefined) return undefined
    made.push(...created.licenses)
    if (made.length >= quantity) return { ...created, licenses: made }
  }
  return undefined
}

/** How many licenses each part makes. */
function partsOf(quantity: number): readonly number[] {
  const parts = Math.ceil(quantity / LICENSES_A_STEP)
  return Array.from({ length: parts }, (_, part) => Math.min(LICENSES_A_STEP, quantity - part * LICENSES_A_STEP))
}

/** Each part keeps an outcome of its own under the call's idempotency key. */
function partOf(call: Call, part: number): Call {
  return part === 0 ? call : withScope(call, `/${part}`)
}

/** Deletes what the parts before have made, and the customer they have made it for, who was none before. */
async function takeBack(
  context: ServiceContext,
  call: Call,
  made: readonly License[],
  newCustomer: NewCustomer | undefined,
): Promise<void> {
  for (const license of made) await deleteLicense(context, call, { canonicalKey: license.canonicalKey })
  if (made.length > 0 && newCustomer !== undefined) await deleteUnused(context, call, newCustomer.customer.id)
}

async function createPart(
  context: ServiceContext,
  call: Call,
  input: CreateLicenses,
  newCustomer: NewCustomer | undefined,
): Promise<CreatedLicenses> {
  for (let collisions = 0; collisions < MAX_KEY_COLLISIONS; collisions++) {
    const created = settled(await insert(context, tryOf(call, collisions), input, newCustomer))
    if (created !== undefined) return created
    if (input.keys.isOne) throw new LicenseError('KEY_TAKEN', 'There is a license with this key already')
  }
  throw new LicenseError('KEY_TAKEN', 'No license key could be made that is not taken already')
}

async function findPart(context: ServiceContext, call: Call): Promise<CreatedLicenses | undefined> {
  for (let collisions = 0; collisions < MAX_KEY_COLLISIONS; collisions++) {
    const outcome = await findReplay<InsertLicensesOutcome>(context, tryOf(call, collisions), context.now())
    if (outcome === undefined) return undefined
    const created = settled(outcome)
    if (created !== undefined) return created
  }
  return undefined
}

/** @returns undefined where a key was taken, and others are to be tried */
function settled(outcome: Replayable<InsertLicensesOutcome>): CreatedLicenses | undefined {
  switch (outcome.kind) {
    case 'created':
      return outcome
    case 'version-not-found':
      throw versionMissing()
    case 'product-not-found':
      throw productMissing()
    case 'customer-not-found':
      throw customerMissing()
    case 'email-taken':
      throw emailTaken()
    case 'not-covered':
      throw forbidden()
    case 'key-taken':
      return undefined
  }
}

/** A call's next try, from the second one on: the outcome of the one before, which was for nothing, is kept under the idempotency key itself. */
function tryOf(call: Call, collisions: number): Call {
  return collisions === 0 ? call : withScope(call, `#${collisions}`)
}

function insert(context: ServiceContext, call: Call, input: CreateLicenses, newCustomer: NewCustomer | undefined) {
  const now = context.now()
  const customerId =
    newCustomer?.customer.id ?? (input.holder && 'customerId' in input.holder ? input.holder.customerId : null)
  const terms = { ...input.terms, customerId, keyBits: input.keys.bits }
  const licenses = Array.from({ length: input.quantity }, () =>
    planLicense(context, call, terms, input.keys.make(context.random), now),
  )
  const events = licenses.map((license) =>
    planEvent(context, call, now, 'license.created', { productIds: license.productIds }, license.id),
  )
  return settle(
    call,
    context.store.insertLicenses(
      call.accountId,
      { licenses, ...(newCustomer && { newCustomer }) },
      planStep(call, now, { created: events }),
    ),
  )
}

type NewCustomer = NonNullable<InsertLicenses['newCustomer']>

function planHolder(context: ServiceContext, call: Call, { holder }: CreateLicenses): NewCustomer | undefined {
  if (holder === undefined || 'customerId' in holder) return undefined
  return { customer: planCustomer(context, call, holder, context.now()), onEmailTaken: holder.onEmailTaken }
}

/** A license about to be made, of this key. */
export function planLicense(context: ServiceContext, call: Call, terms: LicenseTerms, key: string, now: Date): License {
  return {
    id: createId('lic', context.random),
    accountId: call.accountId,
    key,
    canonicalKey: canonicalKey(key),
    ...PLAIN_LICENSE,
    ...terms,
    createdAt: now,
    updatedAt: now,
  }
}
