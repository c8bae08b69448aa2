import type { Activation } from '../../domain/activation'
import { canonicalEmail, customerName } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import { type License, PLAIN_LICENSE } from '../../domain/license'
import { defaultProductTerms, type Product } from '../../domain/product'
import { canonicalKey } from '../../protocol/license-key-text'
import type { RecordLine, RecordLineOf } from '../../protocol/schemas/record-lines'
import type { StoreRecord } from '../../storage/records'
import { deriveId } from './derive-id'
import { LineRefused } from './line-refused'
import type { ProductCatalogue } from './product-catalogue'

/** The values that complete a line. */
export interface PlanContext {
  /** The account of lines without one. */
  readonly accountId: string
  /** The product of licenses without one. */
  readonly product: string | number | undefined
  readonly products: ProductCatalogue
  readonly now: Date
  /** Makes a fresh `jti`. A derived one could come back after its revocation, when the file is imported again. */
  readonly createJti: () => string
}

/** Ids of things that the store had before, which are not the derived ids. The keys are made by {@link nameIn}. */
export interface KnownIds {
  /** The ids of customers, by canonical email. */
  readonly customers: ReadonlyMap<string, string>
  /** The ids of licenses, by canonical key. */
  readonly licenses: ReadonlyMap<string, string>
}

/** A key for a name that is unique only within its account. */
export function nameIn(accountId: string, name: string): string {
  return `${accountId} ${name}`
}

const NOTHING_KNOWN: KnownIds = { customers: new Map(), licenses: new Map() }

/** The records of a line, and the names by which the store may know its customer or license under another id. */
export interface PlannedLine {
  readonly records: readonly StoreRecord[]
  readonly accountId: string
  /** The email of a customer within a license's line, in canonical form. */
  readonly email?: string
  /** The canonical key an activation's line names its license by. */
  readonly licenseKey?: string
}

/**
 * Makes the records of a line, and completes the fields that the line leaves out.
 * @throws {LineRefused} when the line contradicts itself or names an unknown product
 */
export function planLine(line: RecordLine, context: PlanContext, known: KnownIds = NOTHING_KNOWN): PlannedLine {
  const { accountId } = { accountId: context.accountId, ...withAccount(line) }
  const one = (record: StoreRecord): PlannedLine => ({ records: [record], accountId })
  switch (line.kind) {
    case 'license':
      return planLicense(line, accountId, context, known)
    case 'activation':
      return planNamedActivation(line, accountId, context, known)
    case 'product': {
      const value = toProduct(line, accountId, context)
      context.products.add(value)
      return one({ kind: 'product', value })
    }
    case 'product-version':
      return one({ kind: line.kind, value: toVersion(line, accountId, context) })
    case 'customer':
      return one({ kind: line.kind, value: toCustomer(line, accountId, context) })
    case 'account': {
      const { kind, plan = 'pro', createdAt = context.now, ...fields } = line
      return one({ kind, value: { ...fields, plan, createdAt } })
    }
    case 'access-token': {
      const { kind, tokenKind, ...fields } = line
      return one({ kind, value: { ...fields, kind: tokenKind, accountId } })
    }
    case 'event': {
      const { kind, ...fields } = line
      return one({ kind, value: { ...fields, accountId } })
    }
    case 'webhook-endpoint': {
      const { kind, ...fields } = line
      return one({ kind, value: { ...fields, accountId } })
    }
    case 'delivery': {
      const { kind, ...fields } = line
      return one({ kind, value: { ...fields, accountId } })
    }
    case 'signing-key': {
      const { kind, ...value } = line
      return one({ kind, value })
    }
    case 'session': {
      const { kind, ...fields } = line
      return one({ kind, value: { ...fields, proofKey: fields.proofKey ?? null } })
    }
    case 'revocation': {
      const { kind, ...value } = line
      return one({ kind, value })
    }
    case 'stamp-ceiling': {
      const { kind, ...value } = line
      return one({ kind, value })
    }
  }
}

function withAccount(line: RecordLine): { readonly accountId?: string } {
  return 'accountId' in line && line.accountId !== undefined ? { accountId: line.accountId } : {}
}

function planLicense(
  line: RecordLineOf<'license'>,
  accountId: string,
  context: PlanContext,
  known: KnownIds,
): PlannedLine {
  const canonical = canonicalKey(line.key)
  if (line.canonicalKey !== undefined && line.canonicalKey !== canonical) {
    throw new LineRefused({ field: 'canonicalKey', why: 'is not the canonical form of key' })
  }
  const customer = planHolder(line, accountId, canonical, context)
  const email = soughtEmail(line.customer?.email)
  const knownCustomer = email === undefined ? undefined : known.customers.get(nameIn(accountId, email))
  const license = toLicense(
    line,
    accountId,
    canonical,
    knownCustomer ?? customer?.id ?? line.customerId ?? null,
    context,
  )
  const [authtoolProductId] = license.productIds
  const activations = (line.activations ?? []).map(({ authtoolLogin, ...fields }) =>
    toActivation({ ...(authtoolLogin && { authtoolProductId }), ...fields }, license.id, context),
  )
  return {
    accountId,
    ...(email !== undefined && { email }),
    records: [
      ...(customer && knownCustomer === undefined ? [{ kind: 'customer', value: customer } as const] : []),
      { kind: 'license', value: license },
      ...activations.map((value) => ({ kind: 'activation', value }) as const),
    ],
  }
}

/** An email that somebody can be found by, in canonical form. */
function soughtEmail(email: string | null | undefined): string | undefined {
  return (email && canonicalEmail(email)) || undefined
}

/**
 * The customer in a license's line. An email names one customer for all lines; without one that can be looked up, the license
 * has its own. Nothing that the line says of the customer costs the license: of whom it says nothing is nobody.
 */
function planHolder(
  { customer, customerId }: RecordLineOf<'license'>,
  accountId: string,
  canonical: string,
  context: PlanContext,
) {
  if (!customer) return undefined
  if (customerId) throw new LineRefused({ field: 'customer', why: 'cannot stand beside customerId' })
  if (!customer.id && customerName(customer.name, customer.email) === null) return undefined
  const email = soughtEmail(customer.email)
  const named = email === undefined ? ['license', canonical] : ['email', email]
  const { id = deriveId('cust', accountId, ...named) } = customer
  return toCustomer({ kind: 'customer', ...customer, id }, accountId, context)
}

function toLicense(
  line: RecordLineOf<'license'>,
  accountId: string,
  canonical: string,
  customerId: string | null,
  context: PlanContext,
): License {
  const { kind: _, product: __, products: ___, customer: ____, activations: _____, ...fields } = withoutUndefined(line)
  const createdAt = line.createdAt ?? context.now
  return {
    id: deriveId('lic', accountId, canonical),
    ...PLAIN_LICENSE,
    updatedAt: createdAt,
    ...fields,
    createdAt,
    accountId,
    canonicalKey: canonical,
    productIds: productIdsOf(line, accountId, context),
    customerId,
    activationCount: 0,
  }
}

function productIdsOf(
  { productIds, products, product }: RecordLineOf<'license'>,
  accountId: string,
  context: PlanContext,
): readonly string[] {
  if ([productIds, products, product].filter((given) => given !== undefined).length > 1) {
    throw new LineRefused({ field: 'product', why: 'give one of product, products and productIds' })
  }
  if (productIds !== undefined) return productIds
  const named = products ?? [product ?? context.product]
  return [...new Set(named.map((name) => findProduct(name, accountId, context)))]
}

function findProduct(named: string | number | undefined, accountId: string, { products }: PlanContext): string {
  if (named === undefined) throw new LineRefused({ field: 'product', why: 'is required, or give --product' })
  const productId = products.find(accountId, named)
  if (productId) return productId
  if (productId === null) throw new LineRefused({ field: 'product', why: 'several products have this name' })
  throw new LineRefused({ field: 'product', why: 'there is no such product in the store' }, 'orphan')
}

function planNamedActivation(
  { kind, accountId: _, licenseId, licenseKey, ...fields }: RecordLineOf<'activation'>,
  accountId: string,
  context: PlanContext,
  known: KnownIds,
): PlannedLine {
  if ((licenseId === undefined) === (licenseKey === undefined)) {
    throw new LineRefused({ field: 'licenseKey', why: 'give one of licenseKey and licenseId' })
  }
  if (licenseId !== undefined)
    return { accountId, records: [{ kind, value: toActivation(fields, licenseId, context) }] }
  const canonical = canonicalKey(licenseKey ?? '')
  const id = known.licenses.get(nameIn(accountId, canonical)) ?? deriveId('lic', accountId, canonical)
  return { accountId, licenseKey: canonical, records: [{ kind, value: toActivation(fields, id, context) }] }
}

type ActivationFields = Omit<NonNullable<RecordLineOf<'license'>['activations']>[number], 'authtoolLogin'>

function toActivation(fields: ActivationFields, licenseId: string, context: PlanContext): Activation {
  const activatedAt = fields.activatedAt ?? context.now
  const lastSeenAt = fields.lastSeenAt ?? activatedAt
  const { licensee } = fields
  return {
    id: fields.id ?? deriveId('act', licenseId, fields.hostId),
    licenseId,
    hostId: fields.hostId,
    deviceTag: fields.deviceTag ?? null,
    address: fields.address ?? null,
    appVersion: fields.appVersion ?? null,
    licensee: licensee ? { name: licensee.name || null, email: licensee.email ?? null } : null,
    jti: fields.jti ?? context.createJti(),
    stampFloor: fields.stampFloor ?? 0,
    // An activation from elsewhere has no license token.
    tokensEndAt: fields.tokensEndAt ?? lastSeenAt,
    activatedAt,
    lastSeenAt,
    expiresAt: fields.expiresAt ?? null,
    keys: fields.keys ?? [],
    keylessEndAt: fields.keylessEndAt ?? null,
    surrenderedAt: fields.surrenderedAt ?? null,
    releaseAt: fields.releaseAt ?? null,
    sharing: fields.sharing ?? null,
    authtoolProductId: fields.authtoolProductId ?? null,
  }
}

function toProduct(line: RecordLineOf<'product'>, accountId: string, { now, products }: PlanContext): Product {
  const { kind: _, ...fields } = withoutUndefined(line)
  return {
    ...defaultProductTerms(),
    authtoolClient: null,
    createdAt: now,
    ...fields,
    id: line.id ?? (products.find(accountId, line.name) || deriveId('prod', accountId, line.name)),
    accountId,
    packageId: line.packageId ?? products.nextPackageId(),
  }
}

function toVersion(line: RecordLineOf<'product-version'>, accountId: string, context: PlanContext) {
  const productId = line.productId ?? findProduct(line.product ?? context.product, accountId, context)
  return {
    id: line.id ?? deriveId('ver', productId, line.version),
    productId,
    version: line.version,
    description: line.description ?? null,
    active: line.active ?? true,
    createdAt: line.createdAt ?? context.now,
  }
}

function toCustomer(line: RecordLineOf<'customer'>, accountId: string, context: PlanContext) {
  const { email = null, active = true, createdBy = 'api', createdAt = context.now } = line
  const name = customerName(line.name, email) ?? line.id
  if (name === undefined) throw new LineRefused({ field: 'name', why: 'is required, or an email' })
  const sought = soughtEmail(email)
  const named = sought === undefined ? ['name', name, ...(email === null ? [] : [email])] : ['email', sought]
  const { id = deriveId('cust', accountId, ...named), updatedAt = createdAt } = line
  return { id, accountId, name, email, active, createdBy, createdAt, updatedAt }
}
