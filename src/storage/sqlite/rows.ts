import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import type { Activation } from '../../domain/activation'
import { type Customer, canonicalEmail } from '../../domain/customer'
import { cleanableAt, type License } from '../../domain/license'
import type { Product } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import { instant, json, parsed } from './columns'

/** Rows as SQLite returns them, and how they become entities; records are what is written. */
export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly plan: Account['plan']
  readonly created_at: number
}

export function toAccount(row: AccountRow): Account {
  return { id: row.id, name: row.name, plan: row.plan, createdAt: new Date(row.created_at) }
}

export interface AccessTokenRow {
  readonly account_id: string
  readonly id: string
  readonly name: string
  readonly kind: AccessToken['kind']
  readonly hash: string
  readonly scopes: string
  readonly product_ids: string | null
  readonly allowed_addresses: string | null
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly created_at: number
}

export function toAccessToken(row: AccessTokenRow): AccessToken {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    kind: row.kind,
    hash: row.hash,
    scopes: JSON.parse(row.scopes),
    productIds: parsed(row.product_ids),
    allowedAddresses: parsed(row.allowed_addresses),
    expiresAt: instant(row.expires_at),
    revokedAt: instant(row.revoked_at),
    createdAt: new Date(row.created_at),
  }
}

export function accessTokenRecord(accountSeq: number, token: AccessToken) {
  return {
    account_seq: accountSeq,
    id: token.id,
    name: token.name,
    kind: token.kind,
    hash: token.hash,
    scopes: JSON.stringify(token.scopes),
    product_ids: json(token.productIds),
    allowed_addresses: json(token.allowedAddresses),
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    created_at: token.createdAt,
  }
}

export interface ProductRow {
  readonly seq: number
  readonly account_id: string
  readonly id: string
  readonly name: string
  readonly active: number
  readonly offline_lifetime_seconds: number
  readonly grace_seconds: number
  readonly entitlements: string
  readonly require_proof: number
  readonly self_service: number
  readonly trial_seconds: number | null
  readonly created_at: number
}

export function toProduct(row: ProductRow): Product {
  return {
    id: row.id,
    accountId: row.account_id,
    packageId: row.seq,
    name: row.name,
    active: row.active === 1,
    offlineLifetimeSeconds: row.offline_lifetime_seconds,
    graceSeconds: row.grace_seconds,
    entitlements: JSON.parse(row.entitlements),
    requireProof: row.require_proof === 1,
    selfService: row.self_service === 1,
    trialSeconds: row.trial_seconds,
    createdAt: new Date(row.created_at),
  }
}

export function productRecord(product: Omit<Product, 'packageId' | 'accountId'>) {
  return {
    id: product.id,
    name: product.name,
    active: product.active,
    offline_lifetime_seconds: product.offlineLifetimeSeconds,
    grace_seconds: product.graceSeconds,
    entitlements: JSON.stringify(product.entitlements),
    require_proof: product.requireProof,
    self_service: product.selfService,
    trial_seconds: product.trialSeconds,
    created_at: product.createdAt,
  }
}

export interface ProductVersionRow {
  readonly seq: number
  readonly product_id: string
  readonly id: string
  readonly version: string
  readonly description: string | null
  readonly active: number
  readonly created_at: number
}

export function toProductVersion(row: ProductVersionRow): ProductVersion {
  return {
    id: row.id,
    productId: row.product_id,
    version: row.version,
    description: row.description,
    active: row.active === 1,
    createdAt: new Date(row.created_at),
  }
}

export function productVersionRecord(version: ProductVersion) {
  return {
    id: version.id,
    version: version.version,
    description: version.description,
    active: version.active,
    created_at: version.createdAt,
  }
}

export interface CustomerRow {
  readonly seq: number
  readonly account_id: string
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly active: number
  readonly created_by: string
  readonly created_at: number
  readonly updated_at: number
}

export function toCustomer(row: CustomerRow): Customer {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    email: row.email,
    active: row.active === 1,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}

export function customerRecord(customer: Customer) {
  return {
    id: customer.id,
    name: customer.name,
    email: customer.email,
    canonical_email: customer.email === null ? null : canonicalEmail(customer.email),
    active: customer.active,
    created_by: customer.createdBy,
    created_at: customer.createdAt,
    updated_at: customer.updatedAt,
  }
}

export interface LicenseRow {
  readonly seq: number
  readonly account_seq: number
  readonly customer_seq: number | null
  readonly account_id: string
  readonly customer_id: string | null
  readonly id: string
  readonly key: string
  readonly canonical_key: string
  readonly product_ids: string
  readonly type: License['type']
  readonly max_activations: number | null
  readonly activation_count: number
  readonly expires_at: number | null
  readonly sold_for: string | null
  readonly activation_duration: string | null
  readonly blocked: number
  readonly metadata: string | null
  readonly allowed_hosts: string | null
  readonly version_id: string | null
  readonly reset_count: number
  readonly token_generation: number
  readonly cleanable: number
  readonly max_concurrent_sessions: number | null
  readonly heartbeat_interval_seconds: number | null
  readonly session_lease_seconds: number | null
  readonly created_at: number
  readonly updated_at: number
}

export function toLicense(row: LicenseRow): License {
  return {
    id: row.id,
    accountId: row.account_id,
    key: row.key,
    canonicalKey: row.canonical_key,
    productIds: JSON.parse(row.product_ids),
    customerId: row.customer_id,
    type: row.type,
    maxActivations: row.max_activations,
    activationCount: row.activation_count,
    expiresAt: instant(row.expires_at),
    soldFor: parsed(row.sold_for),
    activationDuration: parsed(row.activation_duration),
    blocked: row.blocked === 1,
    metadata: parsed(row.metadata),
    allowedHosts: parsed(row.allowed_hosts),
    versionId: row.version_id,
    resetCount: row.reset_count,
    tokenGeneration: row.token_generation,
    cleanable: row.cleanable === 1,
    maxConcurrentSessions: row.max_concurrent_sessions,
    heartbeatIntervalSeconds: row.heartbeat_interval_seconds,
    sessionLeaseSeconds: row.session_lease_seconds,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}

/** Everything of a license but its counter, which only the steps that change activations write. */
export function licenseRecord(license: License, customerSeq: number | null) {
  return {
    customer_seq: customerSeq,
    id: license.id,
    key: license.key,
    canonical_key: license.canonicalKey,
    product_ids: JSON.stringify(license.productIds),
    type: license.type,
    max_activations: license.maxActivations,
    expires_at: license.expiresAt,
    sold_for: json(license.soldFor),
    activation_duration: json(license.activationDuration),
    blocked: license.blocked,
    metadata: json(license.metadata),
    allowed_hosts: json(license.allowedHosts),
    version_id: license.versionId,
    reset_count: license.resetCount,
    token_generation: license.tokenGeneration,
    cleanable: license.cleanable,
    cleanable_at: cleanableAt(license),
    max_concurrent_sessions: license.maxConcurrentSessions,
    heartbeat_interval_seconds: license.heartbeatIntervalSeconds,
    session_lease_seconds: license.sessionLeaseSeconds,
    created_at: license.createdAt,
    updated_at: license.updatedAt,
  }
}

export interface ActivationRow {
  readonly host_id: string
  readonly id: string
  readonly device_tag: string | null
  readonly address: string | null
  readonly app_version: string | null
  readonly licensee: string | null
  readonly jti: string
  readonly tokens_end_at: number
  readonly activated_at: number
  readonly last_seen_at: number
  readonly expires_at: number | null
  readonly proof_key: string | null
  readonly surrendered_at: number | null
}

export function toActivation(row: ActivationRow, licenseId: string): Activation {
  return {
    id: row.id,
    licenseId,
    hostId: row.host_id,
    deviceTag: row.device_tag,
    address: row.address,
    appVersion: row.app_version,
    licensee: parsed(row.licensee),
    jti: row.jti,
    tokensEndAt: new Date(row.tokens_end_at),
    activatedAt: new Date(row.activated_at),
    lastSeenAt: new Date(row.last_seen_at),
    expiresAt: instant(row.expires_at),
    proofKey: row.proof_key,
    surrenderedAt: instant(row.surrendered_at),
  }
}

export function activationRecord(licenseSeq: number, activation: Activation) {
  return {
    license_seq: licenseSeq,
    host_id: activation.hostId,
    id: activation.id,
    device_tag: activation.deviceTag,
    address: activation.address,
    app_version: activation.appVersion,
    licensee: json(activation.licensee),
    jti: activation.jti,
    tokens_end_at: activation.tokensEndAt,
    activated_at: activation.activatedAt,
    last_seen_at: activation.lastSeenAt,
    expires_at: activation.expiresAt,
    proof_key: activation.proofKey,
    surrendered_at: activation.surrenderedAt,
  }
}
