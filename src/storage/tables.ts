import type { AuthtoolClient } from '../domain/authtool-client'
import { canonicalEmail } from '../domain/customer'
import type { Entities, EntityName, Occupancy } from '../domain/decision'
import type { AuditEvent } from '../domain/event'
import { cleanableAt } from '../domain/license'
import { looseKeyOf } from '../domain/license-key'
import { restsUntil } from '../domain/resting-slot'
import { seatKeyOf } from '../domain/session'
import type { WebhookEndpoint } from '../domain/webhook'
import { LENGTHS } from '../protocol/bounds'
import type {
  CloneRule,
  DeliveryStatus,
  KeymintWire,
  LicenseType,
  Plan,
  TokenKind,
  WebhookEnvelope,
} from '../protocol/enumerations'
import type { Column, Schema } from './contract'
import { dated } from './dated-field'
import { boolean, defineTable, type EntityTable, instant, integer, json, optional, text } from './define-table'
import { hostKeys } from './host-keys-field'

const id = text(64)
/** The ids of an event and an endpoint, with a dot between. */
const deliveryId = text(129)
const [, KEY_LENGTH] = LENGTHS.licenseKey
const [, HOST_LENGTH] = LENGTHS.hostId
/** Which activations or sessions of its license a row is one of: it counts while the license says the same. */
const GENERATION: Readonly<Record<string, Column>> = { generation: { kind: 'integer' } }

/** Where everything is kept: what stands in which column, what names a row, and in which orders rows are read. */
export const TABLES: { readonly [K in EntityName]: EntityTable<Entities[K]> } = {
  signingKey: defineTable('signing_keys', {
    fields: { kid: text(64), recordedAt: instant },
    placed: true,
    key: ['kid'],
    orders: { recorded: ['place'] },
  }),

  account: defineTable('accounts', {
    fields: { id, name: text(), plan: text<Plan>(), createdAt: instant },
    placed: true,
    key: ['id'],
    orders: { inserted: ['place'] },
  }),

  accessToken: defineTable('access_tokens', {
    fields: {
      id,
      accountId: id,
      name: text(),
      kind: text<TokenKind>(),
      hash: text(64),
      scopes: json(),
      productIds: optional(json()),
      allowedAddresses: optional(json()),
      wire: optional(text<KeymintWire>()),
      expiresAt: optional(instant),
      revokedAt: optional(instant),
      lastUsedAt: optional(instant),
      refusedAt: optional(instant),
      headerKeyAt: optional(instant),
      queryKeyAt: optional(instant),
      createdAt: instant,
    },
    placed: true,
    key: ['id'],
    unique: { hash: ['hash'] },
    orders: { ofAccount: ['accountId', 'createdAt', 'place'] },
  }),

  product: defineTable('products', {
    fields: {
      id: text(KEY_LENGTH),
      accountId: id,
      packageId: integer,
      name: text(),
      active: boolean,
      offlineLifetimeSeconds: integer,
      graceSeconds: integer,
      entitlements: json(),
      requireProof: boolean,
      selfService: boolean,
      onClone: text<CloneRule>(),
      trialSeconds: optional(integer),
      usersPerHost: optional(integer),
      authtoolClient: optional(json<AuthtoolClient>()),
      createdAt: instant,
    },
    derived: {
      authtoolTokenHash: {
        column: { kind: 'text', length: 64, optional: true },
        from: ({ authtoolClient }) => authtoolClient?.tokenHash ?? null,
      },
    },
    key: ['id'],
    unique: { package: ['packageId'], authtoolToken: ['authtoolTokenHash'] },
    orders: { ofAccount: ['accountId', 'packageId'] },
  }),

  productVersion: defineTable('product_versions', {
    fields: {
      id,
      productId: text(KEY_LENGTH),
      version: text(),
      description: optional(text()),
      active: boolean,
      createdAt: instant,
    },
    placed: true,
    key: ['id'],
    orders: { ofProduct: ['productId', 'createdAt', 'place'] },
  }),

  customer: defineTable('customers', {
    fields: {
      id,
      accountId: id,
      name: text(),
      email: optional(text()),
      active: boolean,
      createdBy: text(),
      createdAt: instant,
      updatedAt: instant,
    },
    derived: {
      canonicalEmail: {
        column: { kind: 'text', length: 320, optional: true },
        from: ({ email }) => (email === null ? null : canonicalEmail(email)),
      },
    },
    placed: true,
    key: ['id'],
    unique: { email: ['accountId', 'canonicalEmail'] },
    orders: { ofAccount: ['accountId', 'createdAt', 'place'] },
  }),

  license: defineTable('licenses', {
    fields: {
      id,
      accountId: id,
      key: text(),
      canonicalKey: text(KEY_LENGTH),
      keyBits: optional(integer),
      productIds: json(),
      customerId: optional(id),
      type: text<LicenseType>(),
      maxActivations: optional(integer),
      activationCount: integer,
      expiresAt: optional(instant),
      soldFor: optional(json()),
      activationDuration: optional(json()),
      blocked: boolean,
      metadata: optional(json()),
      allowedHosts: optional(json()),
      usersPerHost: optional(integer),
      versionId: optional(id),
      externalId: optional(text(LENGTHS.name[1])),
      resetCount: integer,
      stampFloor: integer,
      revokedStamp: integer,
      unlistedTokensEndAt: optional(instant),
      cleanable: boolean,
      maxConcurrentSessions: optional(integer),
      heartbeatIntervalSeconds: optional(integer),
      sessionLeaseSeconds: optional(integer),
      createdAt: instant,
      updatedAt: instant,
    },
    derived: {
      cleanableAt: {
        column: { kind: 'instant', optional: true },
        from: (license) => cleanableAt(license)?.getTime() ?? null,
      },
      looseKey: {
        column: { kind: 'text', length: KEY_LENGTH, optional: true },
        from: (license) => looseKeyOf(license),
      },
    },
    // Which activations and sessions are its own: all of them are gone at once where this changes.
    kept: { slotGeneration: { kind: 'integer' }, seatGeneration: { kind: 'integer' } },
    placed: true,
    key: ['id'],
    unique: { canonicalKey: ['canonicalKey'] },
    orders: {
      ofAccount: ['accountId', 'createdAt', 'place'],
      ofCustomer: ['customerId', 'createdAt', 'place'],
      ofLooseKey: ['accountId', 'looseKey'],
      ofExternalId: ['accountId', 'externalId', 'createdAt', 'place'],
      cleanable: ['cleanableAt'],
    },
  }),

  licensedProduct: defineTable('licensed_products', {
    fields: { licenseId: id, productId: text(KEY_LENGTH), accountId: id, createdAt: instant },
    placed: true,
    key: ['licenseId', 'productId'],
    orders: { ofProduct: ['accountId', 'productId', 'createdAt', 'place'] },
  }),

  activation: defineTable('activations', {
    fields: {
      id,
      licenseId: id,
      hostId: text(HOST_LENGTH),
      deviceTag: optional(text()),
      address: optional(text()),
      appVersion: optional(text()),
      licensee: optional(json()),
      jti: text(),
      stampFloor: integer,
      tokensEndAt: instant,
      activatedAt: instant,
      lastSeenAt: instant,
      expiresAt: optional(instant),
      keys: hostKeys,
      keylessEndAt: optional(instant),
      surrenderedAt: optional(instant),
      releaseAt: optional(instant),
      sharing: optional(json()),
      authtoolProductId: optional(text(KEY_LENGTH)),
    },
    // Lists are newest first, and hosts of one instant by their id.
    derived: {
      recency: { column: { kind: 'integer' }, from: ({ activatedAt }) => -activatedAt.getTime() },
      restsUntil: {
        column: { kind: 'instant', optional: true },
        from: (activation) => restsUntil(activation)?.getTime() ?? null,
      },
    },
    kept: GENERATION,
    key: ['licenseId', 'generation', 'hostId'],
    orders: {
      newest: ['licenseId', 'generation', 'recency', 'hostId'],
      tokensEnd: ['licenseId', 'generation', 'tokensEndAt', 'hostId'],
      resting: ['licenseId', 'generation', 'restsUntil'],
      authtool: ['authtoolProductId', 'hostId', 'recency'],
    },
  }),

  spendings: defineTable('allowances', {
    fields: { licenseId: id, name: text(64), spent: dated() },
    key: ['licenseId', 'name'],
  }),

  session: defineTable('sessions', {
    fields: {
      id,
      licenseId: id,
      hostId: text(HOST_LENGTH),
      userIdentifier: text(LENGTHS.name[1]),
      deviceTag: optional(text()),
      address: optional(text()),
      proofKey: optional(text()),
      secret: text(),
      nonce: text(),
      startedAt: instant,
      renewedAt: instant,
      expiresAt: instant,
    },
    derived: { seatKey: { column: { kind: 'text', length: 64 }, from: (session) => seatKeyOf(session) } },
    kept: GENERATION,
    placed: true,
    key: ['licenseId', 'generation', 'id'],
    unique: { seat: ['licenseId', 'generation', 'hostId', 'userIdentifier', 'seatKey'] },
    orders: {
      started: ['licenseId', 'generation', 'startedAt', 'place'],
      lease: ['licenseId', 'generation', 'expiresAt'],
      expiry: ['expiresAt'],
    },
  }),

  leftover: defineTable('leftovers', {
    fields: { of: text<Occupancy>(16), licenseId: id, generation: integer },
    key: ['of', 'licenseId', 'generation'],
  }),

  revocation: defineTable('revocations', {
    fields: {
      productId: text(KEY_LENGTH),
      id: text(16),
      licenseId: id,
      hostId: text(HOST_LENGTH),
      rank: integer,
      stamp: integer,
      endsAt: instant,
    },
    key: ['productId', 'id'],
    orders: {
      end: ['endsAt'],
      ofProduct: ['productId', 'endsAt'],
      ofLicense: ['licenseId', 'rank', 'endsAt'],
      ofHost: ['licenseId', 'hostId'],
    },
  }),

  counter: defineTable('counters', { fields: { name: text(64), value: integer }, key: ['name'] }),

  event: defineTable('events', {
    fields: {
      id,
      accountId: id,
      type: text<AuditEvent['type']>(),
      at: instant,
      actor: json<AuditEvent['actor']>(),
      licenseId: optional(id),
      data: dated<AuditEvent['data']>(),
    },
    placed: true,
    key: ['id'],
    orders: { ofAccount: ['accountId', 'place'], ofLicense: ['accountId', 'licenseId', 'place'] },
  }),

  webhookEndpoint: defineTable('webhook_endpoints', {
    fields: {
      id,
      accountId: id,
      url: text(),
      eventTypes: optional(json<readonly AuditEvent['type'][]>()),
      envelope: text<WebhookEnvelope>(),
      secrets: dated<WebhookEndpoint['secrets']>(),
      active: boolean,
      createdAt: instant,
      failingSince: optional(instant),
      disabledReason: optional(text()),
    },
    placed: true,
    key: ['id'],
    orders: { ofAccount: ['accountId', 'createdAt', 'place'], active: ['active'] },
  }),

  delivery: defineTable('webhook_deliveries', {
    fields: {
      id: deliveryId,
      accountId: id,
      endpointId: id,
      eventId: id,
      line: deliveryId,
      status: text<DeliveryStatus>(16),
      attempts: integer,
      nextAttemptAt: instant,
      lastAttemptAt: optional(instant),
      lastError: optional(text()),
      dueAt: optional(instant),
    },
    placed: true,
    key: ['id'],
    orders: {
      ofAccount: ['accountId', 'place'],
      withStatus: ['accountId', 'status', 'place'],
      ofEndpoint: ['accountId', 'endpointId', 'place'],
      ofEndpointWithStatus: ['accountId', 'endpointId', 'status', 'place'],
      ofLine: ['endpointId', 'line', 'status', 'place'],
      due: ['endpointId', 'dueAt', 'place'],
      done: ['status', 'lastAttemptAt'],
    },
  }),

  deliveryLine: defineTable('webhook_lines', {
    fields: { endpointId: id, line: deliveryId, pending: integer, head: deliveryId },
    key: ['endpointId', 'line'],
  }),

  idempotencyRecord: defineTable('idempotency_records', {
    fields: {
      accountId: id,
      scope: text(256),
      key: text(256),
      payloadHash: text(),
      outcome: text(),
      doneAt: instant,
      note: optional(text()),
      expiresAt: instant,
    },
    key: ['accountId', 'scope', 'key'],
    orders: { expiry: ['expiresAt'] },
  }),
}

/**
 * What a database is asked to keep. The version grows with every release that adds something; from the first release on,
 * nothing that is there changes, and a database of each version is kept in the tests.
 */
export const SCHEMA: Schema = {
  version: 1,
  tables: Object.fromEntries(Object.values(TABLES).map(({ name, definition }) => [name, definition])),
}
