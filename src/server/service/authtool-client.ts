import type { AuthtoolClient, AuthtoolClientTerms } from '../../domain/authtool-client'
import { chooseLogin, endOfLogin, type HostLicense, isAuthtoolLogin } from '../../domain/authtool-login'
import { isExpired } from '../../domain/license'
import type { Product } from '../../domain/product'
import { LicenseError } from '../../protocol/license-error'
import { hashToken } from './access-tokens'
import { claimSlot } from './activate'
import type { Call, ServiceContext } from './context'
import { activationMissing, productMissing } from './refusals'

/** What the vendor sets of AuthTool's client API. What is given is changed; absent stays. */
export interface AuthtoolClientInput extends Partial<AuthtoolClientTerms> {
  /** The package token that the apps have, 1 to 256 characters; of no other product. Needed to switch it on. */
  readonly token?: string
  /** The AES key that the apps have, 32 characters. Needed to switch it on. */
  readonly aesKey?: string
}

/** What is kept of it: the token's hash, and the key encrypted. */
export function keepAuthtoolClient(
  { sealer }: ServiceContext,
  productId: string,
  { token, aesKey, ...terms }: AuthtoolClientInput,
): Partial<AuthtoolClient> {
  return {
    ...terms,
    ...(token !== undefined && { tokenHash: hashToken(token) }),
    ...(aesKey !== undefined && { sealedKey: sealer.seal(aesKey, productId) }),
  }
}

/** A product whose apps made for AuthTool are served. */
export interface AuthtoolPackage {
  readonly product: Product
  readonly client: AuthtoolClientTerms
  readonly aesKey: string
}

/**
 * The product whose package token this is.
 * @throws {LicenseError} PRODUCT_NOT_FOUND when it is none's; PRODUCT_INACTIVE
 * @throws {LicenseError} KEYRING_MISMATCH when its AES key was sealed with a key that the keyring has not
 */
export async function findPackage({ store, sealer }: ServiceContext, token: string): Promise<AuthtoolPackage> {
  const product = await store.findProductByAuthtoolToken(hashToken(token))
  const client = product?.authtoolClient
  if (!product || !client) throw productMissing()
  if (!product.active) throw new LicenseError('PRODUCT_INACTIVE', 'The product is inactive')
  return { product, client, aesKey: sealer.open(client.sealedKey, product.id) }
}

/** How a device stands, as its app is told. */
export interface DeviceStanding {
  readonly key: string
  readonly active: boolean
  readonly expiresAt: Date | null
  readonly isExpired: boolean
}

/**
 * How the device stands that logged in as this host; marks it as seen, as any validation does.
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when none of the product's licenses was logged in with on it
 */
export async function checkDevice(
  { store, now: clock }: ServiceContext,
  { accountId, actor, proof }: Call,
  product: Product,
  hostId: string,
): Promise<DeviceStanding> {
  const now = clock()
  const login = chooseLogin(await store.findAuthtoolLogins(product.id, hostId), product.id, now)
  if (login === undefined) throw activationMissing()
  const { canonicalKey } = login.license
  const asked = { canonicalKey, productId: product.id, hostId, address: actor.address, ...proof }
  const outcome = await store.validateActivation(accountId, asked, now)
  switch (outcome.kind) {
    case 'gone':
    case 'wrong-product':
    case 'not-activated':
    case 'activation-revoked':
      throw activationMissing()
    case 'valid':
    case 'shared':
    case 'cloned':
      // A key may have been bound to it since.
      if (!isAuthtoolLogin(outcome.activation, product.id)) throw activationMissing()
      return toStanding(outcome, true, now)
    default:
      return toStanding(login, false, now)
  }
}

/**
 * Takes a slot for a host as activation does, by the very same step.
 * @throws {LicenseError} as `claimSlot`
 */
export async function loginDevice(
  context: ServiceContext,
  call: Call,
  { id: productId }: Product,
  device: { readonly canonicalKey: string; readonly hostId: string; readonly deviceTag?: string | undefined },
): Promise<DeviceStanding> {
  const now = context.now()
  const input = { ...device, productId, authtoolProductId: productId }
  return toStanding(await claimSlot(context, call, input, { eventType: 'license.activated', now }), true, now)
}

function toStanding(held: Pick<HostLicense, 'license' | 'activation'>, active: boolean, now: Date): DeviceStanding {
  const expiresAt = endOfLogin(held)
  return { key: held.license.key, active, expiresAt, isExpired: isExpired(expiresAt, now) }
}
