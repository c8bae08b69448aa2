import {
  type AccessToken,
  type Account,
  type Activation,
  type AuditEvent,
  type Customer,
  canonicalEmail,
  cleanableAt,
  type License,
  type PlannedEvent,
  type Product,
  type ProductVersion,
  type Session,
  type Step,
  type StoreRecord,
  type WebhookEndpoint,
} from 'keyslot/storage'
import { rowOf, textOf } from './rows'

/**
 * What scripts are told, which travels as JSON: rows as texts, and beside them, for Lua to read, what indexes and
 * decisions need. Instants are milliseconds; what is undefined is not sent, and is nil there.
 */
export type Ask = Readonly<Record<string, unknown>>

export function accountAsk(account: Account): Ask {
  return { id: account.id, row: rowOf(account) }
}

export function tokenAsk(token: AccessToken): Ask {
  const { id, accountId: account, hash, createdAt } = token
  return { id, account, hash, createdAt: createdAt.getTime(), row: rowOf(token) }
}

export function productAsk(product: Omit<Product, 'packageId'>): Ask {
  return { id: product.id, account: product.accountId, row: rowOf(product) }
}

export function versionAsk(version: ProductVersion): Ask {
  const { id, productId: product, createdAt } = version
  return { id, product, createdAt: createdAt.getTime(), row: rowOf(version) }
}

export function customerAsk(customer: Customer): Ask {
  const { id, accountId: account, createdAt } = customer
  return { id, account, email: emailAsk(customer.email), createdAt: createdAt.getTime(), row: rowOf(customer) }
}

/** The form in which emails are compared; undefined for none. */
export function emailAsk(email: string | null | undefined): string | undefined {
  return email === null || email === undefined ? undefined : canonicalEmail(email)
}

/** Without the customer, which the step may choose. */
export function licenseAsk(license: License): Ask {
  const { activationCount: _counted, customerId: _chosen, ...kept } = license
  const { id, accountId: account, canonicalKey, productIds, createdAt } = license
  // When it may be purged if it never expires.
  const cleanableFrom = cleanableAt({ ...license, expiresAt: null })?.getTime()
  return { id, account, canonicalKey, productIds, createdAt: createdAt.getTime(), cleanableFrom, row: rowOf(kept) }
}

/** Without what the step adds, or with it. */
export function activationAsk(activation: Pick<Activation, 'hostId' | 'activatedAt'> & Partial<Activation>): Ask {
  const { id, licenseId: license, hostId: host, activatedAt } = activation
  return { id, license, host, activatedAt: activatedAt.getTime(), row: rowOf(activation) }
}

function sessionAsk(session: Session): Ask {
  const { id, licenseId: license, expiresAt } = session
  return { id, license, seat: seatAsk(session), expiresAt: expiresAt.getTime(), row: rowOf(session) }
}

/** Host and user as one text, which no other two have. */
export function seatAsk({ hostId, userIdentifier }: Pick<Session, 'hostId' | 'userIdentifier'>): string {
  return JSON.stringify([hostId, userIdentifier])
}

export function endpointAsk(endpoint: WebhookEndpoint): Ask {
  const { id, accountId: account, createdAt } = endpoint
  return { id, account, createdAt: createdAt.getTime(), row: rowOf(endpoint) }
}

function eventAsk(event: Omit<AuditEvent, 'licenseId'> & { readonly licenseId?: string | null }): Ask {
  const { id, accountId: account, licenseId, type, at } = event
  return { id, account, license: licenseId ?? undefined, type, at: at.getTime(), row: rowOf(event) }
}

/** What every mutating verb asks. */
export function mutationAsk(accountId: string, step: Step<string>, ask: Ask): Ask {
  return { account: accountId, step: stepAsk(accountId, step), ...ask }
}

function stepAsk(accountId: string, { now, events = {}, idempotency }: Step<string>): Ask {
  const planned = Object.entries<readonly PlannedEvent[] | undefined>(events).map(([kind, ofKind = []]) => {
    // The step adds the license, given or found.
    return [
      kind,
      ofKind.map(({ licenseId, ...event }) => ({ ...eventAsk({ ...event, accountId }), license: licenseId })),
    ]
  })
  return {
    now: now.getTime(),
    events: Object.fromEntries(planned),
    idempotency: idempotency && {
      // As JSON, so that no choice of scope and key runs into another.
      id: JSON.stringify([accountId, idempotency.scope, idempotency.key]),
      payloadHash: idempotency.payloadHash,
      expiresAt: idempotency.expiresAt.getTime(),
      note: textOf(idempotency.note ?? null),
    },
  }
}

/** A whole record, as `importRecords` takes it. */
export function recordAsk({ kind, value }: StoreRecord): Ask {
  switch (kind) {
    case 'signing-key':
      return { kind, id: value.kid, row: rowOf(value) }
    case 'account':
      return { kind, ...accountAsk(value) }
    case 'access-token':
      return { kind, ...tokenAsk(value) }
    case 'product': {
      const { packageId, ...product } = value
      return { kind, packageId, ...productAsk(product) }
    }
    case 'product-version':
      return { kind, ...versionAsk(value) }
    case 'customer':
      return { kind, ...customerAsk(value) }
    case 'license':
      return { kind, customer: value.customerId ?? undefined, ...licenseAsk(value) }
    case 'activation':
      return { kind, ...activationAsk(value) }
    case 'session':
      return { kind, ...sessionAsk(value) }
    case 'revocation':
      return { kind, id: value.tokenId, tokensEndAt: value.tokensEndAt.getTime() }
    case 'revocation-version':
      return { kind, version: value.version }
    case 'webhook-endpoint':
      return { kind, ...endpointAsk(value) }
    case 'event':
      return { kind, ...eventAsk(value) }
    case 'delivery': {
      const { eventId: event, ...delivery } = value
      const { id, accountId: account, endpointId: endpoint, status } = delivery
      return { kind, id, account, endpoint, event, status, row: rowOf(delivery) }
    }
  }
}
