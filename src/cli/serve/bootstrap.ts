import { randomBytes } from 'node:crypto'
import { DEFAULT_ISSUER } from '../../protocol/license-token'
import { SCOPES } from '../../protocol/routes'
import type { Product } from '../../server/domain/product'
import type { CreatedAccessToken } from '../../server/service/access-tokens'
import { createProduct } from '../../server/service/products'
import type { OpenStore } from '../open-store'

const FIRST = { limit: 1 }

/** The record that makes the product once must outlive every server that may start on the store. */
const BOOTSTRAP_ONCE = {
  scope: 'serve:bootstrap',
  key: 'product',
  payloadHash: 'default',
  expiresAt: new Date('9999-01-01T00:00:00.000Z'),
}

/**
 * The product a server serves: the store's first, by package id, made now if there is none. However many servers start
 * on one store at once, one product is made and all serve it.
 */
export async function firstProduct({ storage, keyring, licensing }: OpenStore): Promise<Product> {
  const found = (await licensing.products.list(FIRST)).items[0]
  if (found !== undefined) return found
  const context = {
    storage,
    signingKey: keyring.current,
    issuer: DEFAULT_ISSUER,
    now: () => new Date(),
    random: randomBytes,
  }
  const call = { accountId: licensing.accountId, actor: { id: 'api', address: null }, idempotency: BOOTSTRAP_ONCE }
  const made = await createProduct(context, call, { name: 'My product' })
  // `keyslot product create` may have been faster: what counts is the first, which never changes again.
  return (await licensing.products.list(FIRST)).items[0] ?? made
}

export interface TokenPair {
  readonly secret: CreatedAccessToken
  readonly publishable: CreatedAccessToken
}

/** A secret token with all scopes and a publishable one for the product; earlier tokens stay as they are. */
export async function createTokenPair(
  { licensing }: OpenStore,
  product: Product,
  name: string,
  expiresAt: Date | null,
): Promise<TokenPair> {
  const { accessTokens } = licensing
  return {
    secret: await accessTokens.create({ name, kind: 'secret', scopes: SCOPES, expiresAt }),
    publishable: await accessTokens.create({
      name,
      kind: 'publishable',
      scopes: [],
      productIds: [product.id],
      expiresAt,
    }),
  }
}

/** True when nobody could use the store yet. */
export async function hasNoTokens({ licensing }: OpenStore): Promise<boolean> {
  return (await licensing.accessTokens.list(FIRST)).total === 0
}
