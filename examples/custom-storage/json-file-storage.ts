// Longer than other files: a whole adapter to read in one go, verb by verb.

import { readFile } from 'node:fs/promises'
import {
  type AccessToken,
  type Account,
  type Activation,
  type AuditEvent,
  type ClaimOutcome,
  CONTRACT_VERSION,
  type Customer,
  canonicalEmail,
  cleanableAt,
  decodeOutcome,
  encodeOutcome,
  findHeld,
  type InsertLicenses,
  type InsertLicensesOutcome,
  isLastSeenStale,
  isSoldFor,
  isUnseen,
  type License,
  type LicenseTarget,
  type Missing,
  type PlannedEvent,
  type Product,
  type ProductVersion,
  type ReleaseAllOutcome,
  type ReleaseOutcome,
  refuseClaim,
  refuseRelease,
  type Spending,
  type Step,
  type StepResult,
  type Storage,
  type StorageCapabilities,
  seeActivation,
  spend,
  startActivation,
  surrenderActivation,
  takeOver,
  takeoverOf,
} from 'keyslot/storage'
import { writeDurably } from './durable-file'
import { byId, insert, later, oldestFirst, owned, ownedBy, pageOf, put } from './rows'

/** Everything we keep. A real database would have a table, a collection or a key space for each of these. */
interface State {
  signingKeyIds: string[]
  lastPackageId: number
  accounts: Account[]
  accessTokens: AccessToken[]
  products: Product[]
  productVersions: ProductVersion[]
  customers: Customer[]
  licenses: License[]
  activations: Activation[]
  spendings: Spendings[]
  events: AuditEvent[]
  idempotencyRecords: IdempotencyRecord[]
}

/** What was spent of one allowance of a license. */
interface Spendings {
  /** License and name, joined as JSON. */
  readonly id: string
  readonly licenseId: string
  readonly spent: readonly Spending[]
}

interface IdempotencyRecord {
  readonly id: string
  readonly payloadHash: string
  readonly expiresAt: Date
  readonly note: string | null
  /** When the step happened. */
  readonly at: Date
  /** The outcome as text: `encodeOutcome` keeps instants and odd metadata apart. */
  readonly outcome: string
}

/** keyslot's storage contract on one JSON file. See the README for what this is not good for. */
export function jsonFileStorage({ file }: { readonly file: string }): Storage {
  // The last state that is safely on disk. Reading verbs answer from it.
  let stored: State | undefined
  // Steps queue up behind this promise: one at a time, each on the rows the one before it left.
  let lastStep: Promise<unknown> = Promise.resolve()

  function state(): State {
    if (stored === undefined) throw new Error(`${file} is not open`)
    return stored
  }

  /**
   * One atomic step. `act` works on a copy of everything; only when that copy is on disk does it become the state.
   * Whatever fails, in `act` or on the disk, the step has simply not happened.
   */
  function atomically<T>(act: (draft: State) => T): Promise<T> {
    const step = lastStep.then(async () => {
      const draft = structuredClone(state())
      const result = act(draft)
      await writeDurably(file, encodeOutcome(draft))
      stored = draft
      // A copy, because `result` may share rows with the state.
      return structuredClone(result)
    })
    lastStep = step.catch(() => undefined)
    return step
  }

  /** What all mutating verbs share: the idempotency record before, the events and the record after. */
  function mutate<K extends string, O extends { readonly kind: string }>(
    accountId: string,
    step: Step<K>,
    act: (draft: State) => O,
  ): StepResult<O> {
    const { events, idempotency, now } = step
    return atomically((draft) => {
      // Joined as JSON, so that no choice of scope and key runs into another.
      const id = idempotency && JSON.stringify([accountId, idempotency.scope, idempotency.key])
      const record = draft.idempotencyRecords.find((known) => known.id === id && known.expiresAt > now)
      if (record !== undefined) {
        if (record.payloadHash !== idempotency?.payloadHash) return { kind: 'idempotency-mismatch' } as const
        return { ...decodeOutcome<O>(record.outcome), replayed: { at: record.at, note: record.note } }
      }

      const outcome = act(draft)
      // Only the events of the outcome that happened.
      const planned = (events as Partial<Record<string, readonly PlannedEvent[]>> | undefined)?.[outcome.kind] ?? []
      const licenseId = 'license' in outcome ? (outcome.license as License).id : null
      draft.events.push(...planned.map((event) => ({ licenseId, ...structuredClone(event), accountId })))
      if (idempotency !== undefined && id !== undefined) {
        const { payloadHash, expiresAt, note = null } = idempotency
        put(draft.idempotencyRecords, { id, payloadHash, expiresAt, note, at: now, outcome: encodeOutcome(outcome) })
      }
      return outcome
    })
  }

  return {
    contractVersion: CONTRACT_VERSION,
    name: 'json-file',
    // What is false here is declared in the test, too. keyslot answers 501 where it would need it.
    capabilities: {
      events: true,
      idempotency: true,
      sessions: false,
      revocations: false,
      outbox: false,
      allowances: true,
      transfer: false,
    },

    async open() {
      stored ??= await read(file)
    },
    async close() {
      await lastStep
      stored = undefined
    },
    async ping() {
      state()
    },

    async listSigningKeyIds() {
      return [...state().signingKeyIds]
    },
    async recordSigningKeyId(kid) {
      await atomically(({ signingKeyIds }) => {
        if (!signingKeyIds.includes(kid)) signingKeyIds.push(kid)
      })
    },

    // ── Accounts and access tokens ─────────────────────────────────────────────────────────────────────────────

    insertAccount: (account) =>
      atomically(({ accounts }) => {
        if (byId(accounts, account.id) !== undefined) return { kind: 'exists' } as const
        insert(accounts, account)
        return { kind: 'created' } as const
      }),
    async findAccount(accountId) {
      return structuredClone(byId(state().accounts, accountId) ?? null)
    },
    insertAccessToken: (accountId, token, step) =>
      mutate(accountId, step, (draft) => {
        insert(draft.accessTokens, token)
        return { kind: 'created' } as const
      }),
    async findAccessToken(hash) {
      return structuredClone(state().accessTokens.find((token) => token.hash === hash) ?? null)
    },
    revokeAccessToken: (accountId, tokenId, step) =>
      mutate(accountId, step, ({ accessTokens }) => {
        const token = owned(accessTokens, accountId, tokenId)
        if (token === null) return { kind: 'gone' } as const
        put(accessTokens, { ...token, revokedAt: token.revokedAt ?? step.now })
        return { kind: 'revoked' } as const
      }),
    async listAccessTokens(accountId, page) {
      return pageOf(oldestFirst(ownedBy(state().accessTokens, accountId)), page)
    },

    // ── Products ───────────────────────────────────────────────────────────────────────────────────────────────

    insertProduct: (accountId, product, step) =>
      mutate(accountId, step, (draft) => {
        draft.lastPackageId += 1
        const created = { ...product, accountId, packageId: draft.lastPackageId }
        insert(draft.products, created)
        return { kind: 'created', product: created } as const
      }),
    updateProduct: (accountId, productId, changes, step) =>
      mutate(accountId, step, ({ products }) => {
        const product = owned(products, accountId, productId)
        if (product === null) return { kind: 'gone' } as const
        return { kind: 'updated', product: put(products, { ...product, ...changes }) } as const
      }),
    async findProduct(accountId, productId) {
      return structuredClone(owned(state().products, accountId, productId))
    },
    async findProductsByPackageIds(accountId, packageIds) {
      const products = ownedBy(state().products, accountId)
      return structuredClone(products.filter(({ packageId }) => packageIds.includes(packageId)))
    },
    async listProducts(accountId, page) {
      // Package ids count up, so the order of insertion is theirs.
      return pageOf(ownedBy(state().products, accountId), page)
    },

    insertProductVersion: (accountId, version, step) =>
      mutate(accountId, step, (draft) => {
        if (owned(draft.products, accountId, version.productId) === null) return { kind: 'gone' } as const
        insert(draft.productVersions, version)
        return { kind: 'created', version } as const
      }),
    updateProductVersion: (accountId, productId, versionId, changes, step) =>
      mutate(accountId, step, (draft) => {
        const version = versionsOf(draft, accountId, productId).find(({ id }) => id === versionId)
        if (version === undefined) return { kind: 'gone' } as const
        return { kind: 'updated', version: put(draft.productVersions, { ...version, ...changes }) } as const
      }),
    async findProductVersion(accountId, productId, versionId) {
      return structuredClone(versionsOf(state(), accountId, productId).find(({ id }) => id === versionId) ?? null)
    },
    async listProductVersions(accountId, productId, page) {
      return pageOf(oldestFirst(versionsOf(state(), accountId, productId)), page)
    },

    // ── Customers ──────────────────────────────────────────────────────────────────────────────────────────────

    insertCustomer: (accountId, customer, step) =>
      mutate(accountId, step, ({ customers }) => {
        if (byEmail(customers, accountId, customer.email) !== null) return { kind: 'email-taken' } as const
        insert(customers, customer)
        return { kind: 'created', customer } as const
      }),
    updateCustomer: (accountId, customerId, changes, step) =>
      mutate(accountId, step, ({ customers }) => {
        const customer = owned(customers, accountId, customerId)
        if (customer === null) return { kind: 'gone' } as const
        const changed = changes === 'toggle' ? { active: !customer.active } : changes
        const updated = { ...customer, ...changed, updatedAt: step.now }
        const holder = byEmail(customers, accountId, updated.email)
        if (holder !== null && holder.id !== customerId) return { kind: 'email-taken' } as const
        return { kind: 'updated', customer: put(customers, updated) } as const
      }),
    deleteCustomer: (accountId, customerId, step) =>
      mutate(accountId, step, (draft) => {
        if (owned(draft.customers, accountId, customerId) === null) return { kind: 'gone' } as const
        const licenses = draft.licenses.filter((license) => license.customerId === customerId)
        removeLicenses(draft, licenses)
        draft.customers = draft.customers.filter(({ id }) => id !== customerId)
        return { kind: 'deleted', licenses: licenses.length } as const
      }),
    async findCustomer(accountId, customerId) {
      return structuredClone(owned(state().customers, accountId, customerId))
    },
    async findCustomerByEmail(accountId, email) {
      return structuredClone(byEmail(state().customers, accountId, email))
    },
    async listCustomers(accountId, { email }, page) {
      if (email === undefined) return pageOf(oldestFirst(ownedBy(state().customers, accountId)), page)
      const customer = byEmail(state().customers, accountId, email)
      return pageOf(customer === null ? [] : [customer], page)
    },

    // ── Licenses ───────────────────────────────────────────────────────────────────────────────────────────────

    insertLicenses: (accountId, { licenses, newCustomer }, step) =>
      mutate(accountId, step, (draft): InsertLicensesOutcome => {
        const productIds = licenses.flatMap((license) => license.productIds)
        if (!productIds.every((id) => owned(draft.products, accountId, id)?.active))
          return { kind: 'product-not-found' }
        const customer = buyerOf(draft, accountId, licenses[0]?.customerId ?? null, newCustomer)
        if (customer !== null && 'kind' in customer) return customer
        // Keys are unique over all accounts.
        const keys = [...draft.licenses, ...licenses].map(({ canonicalKey }) => canonicalKey)
        if (new Set(keys).size < keys.length) return { kind: 'key-taken' }

        if (customer !== null && byId(draft.customers, customer.id) === undefined) insert(draft.customers, customer)
        const created = licenses.map((license) => ({ ...license, customerId: customer?.id ?? null }))
        insert(draft.licenses, ...created)
        return { kind: 'created', licenses: created, customer }
      }),
    async findLicense(accountId, canonicalKey) {
      const license = targetOf(state(), accountId, { canonicalKey })
      if ('kind' in license) return license
      return structuredClone({ kind: 'found', license, customer: customerOf(state(), license) })
    },
    updateLicense: (accountId, target, { newCustomer, ...changes }, step) =>
      mutate(accountId, step, (draft) => {
        const license = targetOf(draft, accountId, target)
        if ('kind' in license) return license
        const { customerId = license.customerId } = changes
        const customer = buyerOf(draft, accountId, customerId, newCustomer)
        if (customer !== null && 'kind' in customer) return customer
        if (customer !== null && byId(draft.customers, customer.id) === undefined) insert(draft.customers, customer)
        // Every block begins a new generation of license tokens, revocation list or not.
        const blocks = changes.blocked === true && !license.blocked ? 1 : 0
        const updated = {
          ...license,
          ...changes,
          customerId: customer?.id ?? null,
          tokenGeneration: license.tokenGeneration + blocks,
          updatedAt: step.now,
        }
        return { kind: 'updated', license: put(draft.licenses, updated) } as const
      }),
    deleteLicense: (accountId, target, step) =>
      mutate(accountId, step, (draft) => {
        const license = targetOf(draft, accountId, target)
        if ('kind' in license) return license
        removeLicenses(draft, [license])
        return { kind: 'deleted', license } as const
      }),
    resetLicense: (accountId, target, step) =>
      mutate(accountId, step, (draft) => {
        const license = targetOf(draft, accountId, target)
        if ('kind' in license) return license
        draft.activations = draft.activations.filter(({ licenseId }) => licenseId !== license.id)
        draft.spendings = draft.spendings.filter(({ licenseId }) => licenseId !== license.id)
        const reset = { ...license, activationCount: 0, resetCount: license.resetCount + 1 }
        return { kind: 'reset', license: put(draft.licenses, reset) } as const
      }),
    async listLicenses(accountId, { productId, customerId }, page) {
      const licenses = ownedBy(state().licenses, accountId)
        .filter((license) => productId === undefined || license.productIds.includes(productId))
        .filter((license) => customerId === undefined || license.customerId === customerId)
      return pageOf(oldestFirst(licenses), page)
    },

    // ── Activations ────────────────────────────────────────────────────────────────────────────────────────────

    claimActivation: (accountId, target, activation, step) =>
      mutate(accountId, step, (draft): ClaimOutcome => {
        const license = targetOf(draft, accountId, target)
        const product = owned(draft.products, accountId, target.productId)
        if ('kind' in license || product === null) return { kind: 'gone' }

        const customer = customerOf(draft, license)
        const held = findHeld(activation, (hostId) => activationOn(draft, license.id, hostId))
        // keyslot's own rule, asked inside the step, on the rows of this step.
        const refusal = refuseClaim({ license, product, customer, activation: held }, activation, step.now)
        if (refusal !== undefined) return { kind: refusal }

        const takeover = held === null ? undefined : takeoverOf(held, activation)
        if (held !== null && takeover !== undefined) {
          // The same row, under another host or key; the counter stays. With a revocation list, the `tokenId` it had
          // would go on it.
          const taken = put(draft.activations, takeOver(held, product, activation, step.now))
          const rows = { license, product, customer, activation: taken }
          return takeover === 'moved'
            ? { kind: takeover, ...rows, previousHostId: held.hostId }
            : { kind: takeover, ...rows }
        }
        if (held !== null) {
          const seen = isLastSeenStale(held, step.now) ? seeActivation(held, product, step.now) : held
          return { kind: 'existing', license, product, customer, activation: put(draft.activations, seen) }
        }
        const started = startActivation(license, product, activation, step.now)
        insert(draft.activations, started)
        // The row and its counter, in one step.
        const counted = put(draft.licenses, { ...license, activationCount: license.activationCount + 1 })
        return { kind: 'created', license: counted, product, customer, activation: started }
      }),
    releaseActivation: (accountId, target, step) =>
      mutate(accountId, step, (draft): ReleaseOutcome => {
        const license = targetOf(draft, accountId, target)
        if ('kind' in license) return { kind: 'gone' }
        if (license.blocked) return { kind: 'blocked' }
        const activation = activationOn(draft, license.id, target.hostId)
        const refusal = refuseRelease(activation, target)
        if (activation === null || refusal !== undefined) return { kind: refusal ?? 'not-active' }
        if (target.surrender !== true) return { kind: 'released', ...release(draft, license, activation) }
        // Given up, but the slot stays taken: row and counter are still there. Its tokens would be revoked here.
        const surrendered = put(draft.activations, surrenderActivation(activation, step.now))
        return { kind: 'surrendered', license, activation: surrendered }
      }),
    releaseAllActivations: (accountId, target, step) =>
      mutate(accountId, step, (draft): ReleaseAllOutcome => {
        const license = targetOf(draft, accountId, target)
        if ('kind' in license) return { kind: 'gone' }
        if (license.blocked) return { kind: 'blocked' }
        draft.activations = draft.activations.filter(({ licenseId }) => licenseId !== license.id)
        const counted = put(draft.licenses, { ...license, activationCount: 0 })
        return { kind: 'released', license: counted, count: license.activationCount }
      }),
    async findActivation(accountId, { canonicalKey, productId, hostId }) {
      const license = targetOf(state(), accountId, { canonicalKey })
      const product = owned(state().products, accountId, productId)
      if ('kind' in license || product?.active !== true) return { kind: 'gone' }
      if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
      const activation = activationOn(state(), license.id, hostId)
      return structuredClone({ kind: 'found', license, product, customer: customerOf(state(), license), activation })
    },
    async touchActivation(accountId, licenseId, hostId, seen) {
      await atomically((draft) => {
        const activation = activationOn(draft, licenseId, hostId)
        if (activation === null || owned(draft.licenses, accountId, licenseId) === null) return
        const lastSeenAt = later(activation.lastSeenAt, seen.lastSeenAt)
        put(draft.activations, {
          ...activation,
          lastSeenAt,
          tokensEndAt: later(activation.tokensEndAt, seen.tokensEndAt),
        })
      })
    },
    async listActivations(accountId, licenseId, page) {
      const { activations, licenses } = state()
      if (owned(licenses, accountId, licenseId) === null) return { items: [], total: 0 }
      const newestFirst = activations
        .filter((activation) => activation.licenseId === licenseId)
        .sort((a, b) => b.activatedAt.getTime() - a.activatedAt.getTime() || (a.hostId < b.hostId ? -1 : 1))
      return pageOf(newestFirst, page)
    },

    spendAllowance: (accountId, licenseId, allowance, unit, now) =>
      atomically((draft) => {
        if (owned(draft.licenses, accountId, licenseId) === null) return { kind: 'gone' } as const
        const id = JSON.stringify([licenseId, allowance.name])
        const { spent, ...outcome } = spend(allowance, byId(draft.spendings, id)?.spent ?? [], unit, now)
        put(draft.spendings, { id, licenseId, spent })
        return outcome
      }),

    // ── Audit and housekeeping ─────────────────────────────────────────────────────────────────────────────────

    async listEvents(accountId, { licenseId }, page) {
      const events = ownedBy(state().events, accountId)
      return pageOf(licenseId === undefined ? events : events.filter((event) => event.licenseId === licenseId), page)
    },
    purgeExpired: (now, limit) =>
      atomically((draft) => {
        const due = (at: Date | null) => at !== null && at <= now
        const licenses = draft.licenses.filter((license) => due(cleanableAt(license))).slice(0, limit)
        removeLicenses(draft, licenses)
        const records = draft.idempotencyRecords.filter(({ expiresAt }) => due(expiresAt)).slice(0, limit)
        draft.idempotencyRecords = draft.idempotencyRecords.filter((record) => !records.includes(record))
        const others = { sessions: 0, revocations: 0, deliveries: 0 }
        return { licenses: licenses.length, idempotencyRecords: records.length, ...others }
      }),

    async findUnseen(since, after, limit) {
      const { activations, licenses } = state()
      // In the order of their ids: a place that is found again, whatever goes meanwhile.
      const rest = activations.filter(({ id }) => after === null || id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
      const looked = rest.slice(0, limit)
      const hosts = looked.flatMap((activation) => {
        const license = byId(licenses, activation.licenseId)
        if (license === undefined || !isUnseen(activation, since)) return []
        const { licenseId, hostId, lastSeenAt } = activation
        const [productId = ''] = license.productIds
        return [{ accountId: license.accountId, licenseId, productId, hostId, lastSeenAt: new Date(lastSeenAt) }]
      })
      return { hosts, next: rest.length > limit ? (looked.at(-1)?.id ?? after) : null }
    },
    releaseUnseen: (accountId, { licenseId, hostId }, since, step) =>
      mutate(accountId, step, (draft) => {
        const license = owned(draft.licenses, accountId, licenseId)
        const activation = activationOn(draft, licenseId, hostId)
        if (license === null || activation === null || !isUnseen(activation, since)) return { kind: 'kept' } as const
        return { kind: 'released', ...release(draft, license, activation) } as const
      }),

    // ── What this adapter does without ─────────────────────────────────────────────────────────────────────────

    claimSession: lacking('sessions'),
    findSession: lacking('sessions'),
    renewSession: lacking('sessions'),
    releaseSession: lacking('sessions'),
    listSessions: lacking('sessions'),
    listRevocations: lacking('revocations'),
    insertWebhookEndpoint: lacking('outbox'),
    updateWebhookEndpoint: lacking('outbox'),
    deleteWebhookEndpoint: lacking('outbox'),
    listWebhookEndpoints: lacking('outbox'),
    claimDeliveries: lacking('outbox'),
    settleDelivery: lacking('outbox'),
    listDeliveries: lacking('outbox'),
    redeliver: lacking('outbox'),
    countRecords: lacking('transfer'),
    exportRecords: lacking('transfer'),
    importRecords: lacking('transfer'),
  }
}

/** A verb of a capability that is declared missing, so that keyslot never calls it. */
function lacking(capability: keyof StorageCapabilities): () => Promise<never> {
  return async () => {
    throw new Error(`JSON file storage has no capability ${capability}`)
  }
}

// ── Look-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function byEmail(customers: readonly Customer[], accountId: string, email: string | null): Customer | null {
  if (email === null) return null
  const wanted = canonicalEmail(email)
  const matches = (customer: Customer) => customer.email !== null && canonicalEmail(customer.email) === wanted
  return ownedBy(customers, accountId).find(matches) ?? null
}

/** Whom a license is for: a new customer, the one who has that email already, or the one named. */
function buyerOf(
  { customers }: State,
  accountId: string,
  customerId: string | null,
  newCustomer: InsertLicenses['newCustomer'],
): Customer | null | { readonly kind: 'email-taken' | 'customer-not-found' } {
  if (newCustomer === undefined) {
    const customer = owned(customers, accountId, customerId)
    return customer === null && customerId !== null ? { kind: 'customer-not-found' } : customer
  }
  const holder = byEmail(customers, accountId, newCustomer.customer.email)
  if (holder !== null && newCustomer.onEmailTaken === 'refuse') return { kind: 'email-taken' }
  return holder ?? newCustomer.customer
}

function versionsOf({ products, productVersions }: State, accountId: string, productId: string): ProductVersion[] {
  if (owned(products, accountId, productId) === null) return []
  return productVersions.filter((version) => version.productId === productId)
}

function customerOf({ customers }: State, license: License): Customer | null {
  return owned(customers, license.accountId, license.customerId)
}

function activationOn({ activations }: State, licenseId: string, hostId: string): Activation | null {
  return activations.find((row) => row.licenseId === licenseId && row.hostId === hostId) ?? null
}

/** The license a target names, or how it is missing. With a product a foreign license looks like a missing one. */
function targetOf({ licenses, products }: State, accountId: string, target: LicenseTarget): License | Missing {
  const license = licenses.find(({ canonicalKey }) => canonicalKey === target.canonicalKey)
  if (license === undefined) return { kind: 'gone' }
  const { productId } = target
  if (productId === undefined) return license.accountId === accountId ? license : { kind: 'foreign' }
  return isSoldFor(license, owned(products, accountId, productId), accountId) ? license : { kind: 'gone' }
}

/** Frees a slot: the row and its counter. */
function release(draft: State, license: License, activation: Activation) {
  draft.activations = draft.activations.filter((row) => row !== activation)
  return { license: put(draft.licenses, { ...license, activationCount: license.activationCount - 1 }), activation }
}

function removeLicenses(draft: State, doomed: readonly License[]): void {
  const ids = new Set(doomed.map(({ id }) => id))
  draft.licenses = draft.licenses.filter(({ id }) => !ids.has(id))
  draft.activations = draft.activations.filter(({ licenseId }) => !ids.has(licenseId))
  draft.spendings = draft.spendings.filter(({ licenseId }) => !ids.has(licenseId))
}

// ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

async function read(file: string): Promise<State> {
  try {
    return decodeOutcome<State>(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return {
      signingKeyIds: [],
      lastPackageId: 0,
      accounts: [],
      accessTokens: [],
      products: [],
      productVersions: [],
      customers: [],
      licenses: [],
      activations: [],
      spendings: [],
      events: [],
      idempotencyRecords: [],
    }
  }
}
