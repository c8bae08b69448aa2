import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import { type Activation, isLastSeenStale, type NewActivation, startActivation } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import type { AuditEvent, PlannedEvent } from '../../domain/event'
import { cleanableAt, isExpired, isSoldFor, type License, refuseClaim } from '../../domain/license'
import type { Product } from '../../domain/product'
import {
  type ActivationTarget,
  type ClaimOutcome,
  CONTRACT_VERSION,
  type CustomerChanges,
  type FindActivationOutcome,
  type FindLicenseOutcome,
  type InsertLicenses,
  type InsertLicensesOutcome,
  type LicenseChanges,
  type LicenseTarget,
  type Missing,
  type Page,
  type PageRequest,
  type ProductChanges,
  type ReleaseAllOutcome,
  type ReleaseOutcome,
  type Step,
  type StepResult,
  type Storage,
} from '../contract'
import { oldestFirst, owned, ownedBy, pageOf, refuseTakenId, Tables } from './tables'

/**
 * Keeps everything in this process and forgets it on `close()`: for tests, demonstrations and a first look. It is
 * also the contract's smallest correct reading: where an adapter of yours disagrees with it, start looking there.
 */
export function memoryStorage(): Storage {
  return new MemoryStorage()
}

/**
 * One method per verb of the contract, most of them a few lines; longer than other files for that reason alone. Each
 * does its work in one turn of the event loop: an `await` between a check and a write would be a race.
 */
export class MemoryStorage implements Storage {
  readonly contractVersion = CONTRACT_VERSION
  readonly name = 'memory'
  readonly capabilities = { events: true, idempotency: true }
  protected opened: Tables | undefined

  protected get tables(): Tables {
    if (this.opened === undefined) throw new Error('memory storage is not open')
    return this.opened
  }

  async open(): Promise<void> {
    this.opened ??= new Tables()
  }

  async close(): Promise<void> {
    this.opened = undefined
  }

  async ping(): Promise<void> {
    void this.tables
  }

  /** What all mutating verbs share: the idempotency record before, the events and the record after, in one go. */
  private async mutate<K extends string, O extends { readonly kind: string }>(
    accountId: string,
    step: Step<K>,
    act: (tables: Tables) => O,
  ): StepResult<O> {
    const { tables } = this
    const { now, idempotency } = step
    const recordKey = idempotency && JSON.stringify([accountId, idempotency.scope, idempotency.key])
    const record = recordKey === undefined ? undefined : tables.idempotencyRecords.get(recordKey)
    if (record !== undefined && !isExpired(record.expiresAt, now)) {
      if (record.payloadHash !== idempotency?.payloadHash) return { kind: 'idempotency-mismatch' }
      return { ...(structuredClone(record.outcome) as O), replayed: true }
    }

    // What cannot be copied throws here, before anything is written.
    const planned: Partial<Record<string, readonly PlannedEvent[]>> = structuredClone(step.events) ?? {}
    const outcome = act(tables)
    for (const event of planned[outcome.kind] ?? []) {
      tables.events.push({ ...event, accountId, licenseId: event.licenseId ?? licenseIdOf(outcome) })
    }
    if (idempotency !== undefined && recordKey !== undefined) {
      const { payloadHash, expiresAt } = idempotency
      tables.idempotencyRecords.set(recordKey, structuredClone({ payloadHash, expiresAt, outcome }))
    }
    return structuredClone(outcome)
  }

  async listSigningKeyIds(): Promise<readonly string[]> {
    return [...this.tables.signingKeyIds]
  }

  async recordSigningKeyId(kid: string): Promise<void> {
    this.tables.signingKeyIds.add(kid)
  }

  async insertAccount(account: Account): Promise<{ readonly kind: 'created' | 'exists' }> {
    if (this.tables.accounts.has(account.id)) return { kind: 'exists' }
    this.tables.accounts.set(account.id, structuredClone(account))
    return { kind: 'created' }
  }

  async findAccount(accountId: string): Promise<Account | null> {
    return structuredClone(this.tables.accounts.get(accountId) ?? null)
  }

  insertAccessToken(accountId: string, token: AccessToken, step: Step<'created'>): StepResult<{ kind: 'created' }> {
    return this.mutate(accountId, step, ({ accessTokens, accessTokenIds }) => {
      refuseTakenId(accessTokens, token)
      accessTokens.set(token.id, structuredClone(token))
      accessTokenIds.set(token.hash, token.id)
      return { kind: 'created' }
    })
  }

  async findAccessToken(hash: string): Promise<AccessToken | null> {
    const { accessTokens, accessTokenIds } = this.tables
    return structuredClone(accessTokens.get(accessTokenIds.get(hash) ?? '') ?? null)
  }

  revokeAccessToken(
    accountId: string,
    tokenId: string,
    step: Step<'revoked'>,
  ): StepResult<{ kind: 'revoked' | 'gone' }> {
    return this.mutate(accountId, step, ({ accessTokens }) => {
      const token = owned(accessTokens, tokenId, accountId)
      if (token === null) return { kind: 'gone' }
      accessTokens.set(tokenId, { ...token, revokedAt: token.revokedAt ?? new Date(step.now) })
      return { kind: 'revoked' }
    })
  }

  async listAccessTokens(accountId: string, page: PageRequest): Promise<Page<AccessToken>> {
    return pageOf(oldestFirst(ownedBy(accountId, this.tables.accessTokens)), page)
  }

  insertProduct(
    accountId: string,
    product: Omit<Product, 'packageId' | 'accountId'>,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; product: Product }> {
    return this.mutate(accountId, step, (tables) => {
      const stored = { ...structuredClone(product), accountId, packageId: tables.lastPackageId + 1 }
      refuseTakenId(tables.products, product)
      tables.products.set(stored.id, stored)
      tables.lastPackageId = stored.packageId
      return { kind: 'created', product: stored }
    })
  }

  updateProduct(
    accountId: string,
    productId: string,
    changes: ProductChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; product: Product } | { kind: 'gone' }> {
    return this.mutate(accountId, step, ({ products }) => {
      const product = owned(products, productId, accountId)
      if (product === null) return { kind: 'gone' }
      const updated = { ...product, ...structuredClone(changes) }
      products.set(productId, updated)
      return { kind: 'updated', product: updated }
    })
  }

  async findProduct(accountId: string, productId: string): Promise<Product | null> {
    return structuredClone(owned(this.tables.products, productId, accountId))
  }

  async findProductsByPackageIds(accountId: string, packageIds: readonly number[]): Promise<readonly Product[]> {
    const products = ownedBy(accountId, this.tables.products)
    return structuredClone(products.filter((product) => packageIds.includes(product.packageId)))
  }

  async listProducts(accountId: string, page: PageRequest): Promise<Page<Product>> {
    // Package ids count up, and a Map keeps the order of insertion.
    return pageOf(ownedBy(accountId, this.tables.products), page)
  }

  insertCustomer(
    accountId: string,
    customer: Customer,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created' } | { kind: 'email-taken' }> {
    return this.mutate(accountId, step, (tables) => {
      if (tables.customerByEmail(accountId, customer.email) !== undefined) return { kind: 'email-taken' }
      refuseTakenId(tables.customers, customer)
      tables.putCustomer(structuredClone(customer))
      return { kind: 'created' }
    })
  }

  updateCustomer(
    accountId: string,
    customerId: string,
    changes: CustomerChanges | 'toggle',
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; customer: Customer } | { kind: 'email-taken' } | { kind: 'gone' }> {
    return this.mutate(accountId, step, (tables) => {
      const customer = owned(tables.customers, customerId, accountId)
      if (customer === null) return { kind: 'gone' }
      const changed = changes === 'toggle' ? { active: !customer.active } : changes
      const updated = { ...customer, ...changed, updatedAt: new Date(step.now) }
      const holder = tables.customerByEmail(accountId, updated.email)
      if (holder !== undefined && holder.id !== customerId) return { kind: 'email-taken' }
      tables.putCustomer(updated)
      return { kind: 'updated', customer: updated }
    })
  }

  deleteCustomer(
    accountId: string,
    customerId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; licenses: number } | { kind: 'gone' }> {
    return this.mutate(accountId, step, (tables) => {
      const customer = owned(tables.customers, customerId, accountId)
      if (customer === null) return { kind: 'gone' }
      const licenses = [...tables.licenses.values()].filter((license) => license.customerId === customerId)
      for (const license of licenses) tables.deleteLicense(license)
      tables.deleteCustomer(customer)
      return { kind: 'deleted', licenses: licenses.length }
    })
  }

  async findCustomer(accountId: string, customerId: string): Promise<Customer | null> {
    return structuredClone(owned(this.tables.customers, customerId, accountId))
  }

  async findCustomerByEmail(accountId: string, email: string): Promise<Customer | null> {
    return structuredClone(this.tables.customerByEmail(accountId, email) ?? null)
  }

  async listCustomers(
    accountId: string,
    filter: { readonly email?: string },
    page: PageRequest,
  ): Promise<Page<Customer>> {
    if (filter.email === undefined) return pageOf(oldestFirst(ownedBy(accountId, this.tables.customers)), page)
    const customer = this.tables.customerByEmail(accountId, filter.email)
    return pageOf(customer === undefined ? [] : [customer], page)
  }

  insertLicenses(accountId: string, input: InsertLicenses, step: Step<'created'>): StepResult<InsertLicensesOutcome> {
    return this.mutate<'created', InsertLicensesOutcome>(accountId, step, (tables) => {
      const customerId = input.licenses[0]?.customerId ?? null
      const newcomer = input.newCustomer?.customer
      const holder = newcomer && tables.customerByEmail(accountId, newcomer.email)
      if (holder !== undefined && input.newCustomer?.onEmailTaken === 'refuse') return { kind: 'email-taken' }
      const customer = holder ?? structuredClone(newcomer) ?? owned(tables.customers, customerId, accountId)
      if (customer === null && customerId !== null) return { kind: 'customer-not-found' }

      const licenses = structuredClone(input.licenses).map((row) => ({ ...row, customerId: customer?.id ?? null }))
      const keys = new Set(licenses.map((license) => license.canonicalKey))
      const taken = [...keys].some((key) => tables.licenseIds.has(key))
      if (taken || keys.size < licenses.length) return { kind: 'key-taken' }

      // All that can fail comes before the first write.
      refuseTakenId(tables.licenses, ...licenses)
      if (holder === undefined && newcomer !== undefined) refuseTakenId(tables.customers, newcomer)
      if (customer !== null) tables.putCustomer(customer)
      for (const license of licenses) {
        tables.licenses.set(license.id, license)
        tables.licenseIds.set(license.canonicalKey, license.id)
      }
      return { kind: 'created', licenses, customer }
    })
  }

  async findLicense(accountId: string, canonicalKey: string): Promise<FindLicenseOutcome> {
    const license = this.target(accountId, { canonicalKey })
    if ('kind' in license) return license
    return structuredClone({ kind: 'found', license, customer: this.customerOf(license) })
  }

  updateLicense(
    accountId: string,
    target: LicenseTarget,
    changes: LicenseChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; license: License } | { kind: 'customer-not-found' } | Missing> {
    return this.mutate(accountId, step, ({ customers, licenses }) => {
      const license = this.target(accountId, target)
      if ('kind' in license) return license
      const updated = { ...license, ...structuredClone(changes), updatedAt: new Date(step.now) }
      if (updated.customerId !== null && owned(customers, updated.customerId, accountId) === null) {
        return { kind: 'customer-not-found' }
      }
      licenses.set(updated.id, updated)
      return { kind: 'updated', license: updated }
    })
  }

  deleteLicense(
    accountId: string,
    target: LicenseTarget,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; license: License } | Missing> {
    return this.mutate(accountId, step, (tables) => {
      const license = this.target(accountId, target)
      if ('kind' in license) return license
      tables.deleteLicense(license)
      return { kind: 'deleted', license }
    })
  }

  resetLicense(
    accountId: string,
    target: LicenseTarget,
    step: Step<'reset'>,
  ): StepResult<{ kind: 'reset'; license: License } | Missing> {
    return this.mutate(accountId, step, ({ activations, licenses }) => {
      const license = this.target(accountId, target)
      if ('kind' in license) return license
      const reset = { ...license, activationCount: 0, resetCount: license.resetCount + 1 }
      activations.delete(license.id)
      licenses.set(license.id, reset)
      return { kind: 'reset', license: reset }
    })
  }

  async listLicenses(
    accountId: string,
    filter: { readonly productId?: string; readonly customerId?: string },
    page: PageRequest,
  ): Promise<Page<License>> {
    const { productId, customerId } = filter
    const licenses = ownedBy(accountId, this.tables.licenses)
      .filter((license) => productId === undefined || license.productIds.includes(productId))
      .filter((license) => customerId === undefined || license.customerId === customerId)
    return pageOf(oldestFirst(licenses), page)
  }

  claimActivation(
    accountId: string,
    target: ActivationTarget,
    activation: NewActivation,
    step: Step<'created' | 'existing'>,
  ): StepResult<ClaimOutcome> {
    return this.mutate<'created' | 'existing', ClaimOutcome>(accountId, step, (tables) => {
      const license = this.target(accountId, target)
      const product = owned(tables.products, target.productId, accountId)
      if ('kind' in license || product === null) return { kind: 'gone' }

      const { now } = step
      const hosts = tables.activationsOf(license.id)
      const customer = this.customerOf(license)
      const current = hosts.get(activation.hostId) ?? null
      const refusal = refuseClaim({ license, customer, activation: current }, activation.hostId, now)
      if (refusal !== undefined) return { kind: refusal }

      if (current !== null) {
        const seen = isLastSeenStale(current, now) ? { ...current, lastSeenAt: new Date(now) } : current
        hosts.set(seen.hostId, seen)
        return { kind: 'existing', license, product, customer, activation: seen }
      }
      const started = structuredClone(startActivation(license, activation, now))
      const counted = { ...license, activationCount: license.activationCount + 1 }
      hosts.set(started.hostId, started)
      tables.licenses.set(license.id, counted)
      return { kind: 'created', license: counted, product, customer, activation: started }
    })
  }

  releaseActivation(
    accountId: string,
    target: ActivationTarget & { readonly hostId: string },
    step: Step<'released'>,
  ): StepResult<ReleaseOutcome> {
    return this.mutate<'released', ReleaseOutcome>(accountId, step, (tables) => {
      const license = this.target(accountId, target)
      if ('kind' in license) return { kind: 'gone' }
      if (license.blocked) return { kind: 'blocked' }
      const hosts = tables.activationsOf(license.id)
      const activation = hosts.get(target.hostId)
      if (activation === undefined) return { kind: 'not-active' }
      const counted = { ...license, activationCount: license.activationCount - 1 }
      hosts.delete(target.hostId)
      tables.licenses.set(license.id, counted)
      return { kind: 'released', license: counted, activation }
    })
  }

  releaseAllActivations(
    accountId: string,
    target: ActivationTarget,
    step: Step<'released'>,
  ): StepResult<ReleaseAllOutcome> {
    return this.mutate<'released', ReleaseAllOutcome>(accountId, step, (tables) => {
      const license = this.target(accountId, target)
      if ('kind' in license) return { kind: 'gone' }
      if (license.blocked) return { kind: 'blocked' }
      const count = tables.activationsOf(license.id).size
      const counted = { ...license, activationCount: 0 }
      tables.activations.delete(license.id)
      tables.licenses.set(license.id, counted)
      return { kind: 'released', license: counted, count }
    })
  }

  async findActivation(
    accountId: string,
    target: ActivationTarget & { readonly hostId: string },
  ): Promise<FindActivationOutcome> {
    const { activations, products } = this.tables
    const license = this.target(accountId, { canonicalKey: target.canonicalKey })
    const product = owned(products, target.productId, accountId)
    if ('kind' in license || product?.active !== true) return { kind: 'gone' }
    if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
    const activation = activations.get(license.id)?.get(target.hostId) ?? null
    return structuredClone({ kind: 'found', license, product, customer: this.customerOf(license), activation })
  }

  async touchActivation(accountId: string, licenseId: string, hostId: string, now: Date): Promise<void> {
    const { activations, licenses } = this.tables
    if (owned(licenses, licenseId, accountId) === null) return
    const hosts = activations.get(licenseId)
    const activation = hosts?.get(hostId)
    if (activation === undefined || activation.lastSeenAt >= now) return
    hosts?.set(hostId, { ...activation, lastSeenAt: new Date(now) })
  }

  async listActivations(accountId: string, licenseId: string, page: PageRequest): Promise<Page<Activation>> {
    const { activations, licenses } = this.tables
    if (owned(licenses, licenseId, accountId) === null) return { items: [], total: 0 }
    const newestFirst = [...(activations.get(licenseId)?.values() ?? [])].sort(
      (a, b) => b.activatedAt.getTime() - a.activatedAt.getTime() || (a.hostId < b.hostId ? -1 : 1),
    )
    return pageOf(newestFirst, page)
  }

  async listEvents(
    accountId: string,
    filter: { readonly licenseId?: string },
    page: PageRequest,
  ): Promise<Page<AuditEvent>> {
    const { licenseId } = filter
    const events = this.tables.events
      .filter((event) => event.accountId === accountId)
      .filter((event) => licenseId === undefined || event.licenseId === licenseId)
    return pageOf(events, page)
  }

  async purgeExpired(
    now: Date,
    limit: number,
  ): Promise<{ readonly licenses: number; readonly idempotencyRecords: number }> {
    const { tables } = this
    const licenses = [...tables.licenses.values()]
      .filter((license) => isExpired(cleanableAt(license), now))
      .slice(0, limit)
    for (const license of licenses) tables.deleteLicense(license)
    const records = [...tables.idempotencyRecords].filter(([, record]) => isExpired(record.expiresAt, now))
    const purged = records.slice(0, limit)
    for (const [key] of purged) tables.idempotencyRecords.delete(key)
    return { licenses: licenses.length, idempotencyRecords: purged.length }
  }

  /** The license a target names, or how it is missing. */
  private target(accountId: string, target: LicenseTarget): License | Missing {
    const { licenseIds, licenses, products } = this.tables
    const license = licenses.get(licenseIds.get(target.canonicalKey) ?? '')
    if (license === undefined) return { kind: 'gone' }
    const { productId } = target
    if (productId === undefined) return license.accountId === accountId ? license : { kind: 'foreign' }
    return isSoldFor(license, owned(products, productId, accountId), accountId) ? license : { kind: 'gone' }
  }

  private customerOf(license: License): Customer | null {
    return owned(this.tables.customers, license.customerId, license.accountId)
  }
}

/** What an event planned without a license is about: the one license of its outcome, if there is one. */
function licenseIdOf(outcome: object): string | null {
  return 'license' in outcome ? (outcome.license as License).id : null
}
