import type { Product } from '../../domain/product'
import { SCOPES } from '../../protocol/routes'
import type { CreatedAccessToken } from '../../server/service/access-tokens'
import type { OpenStore } from '../open-store'

const FIRST = { limit: 1 }

/**
 * The product of a server: the store's first by package id. A store without products gets one now; several servers that
 * start on one store at once make one product and all serve it.
 */
export async function firstProduct({ licensing }: OpenStore): Promise<Product> {
  const found = (await licensing.products.list(FIRST)).items[0]
  if (found !== undefined) return found
  const made = await licensing.products.create({ name: 'My product', idempotencyKey: 'serve:bootstrap' })
  // `keyslot product create` may have been faster: the first product counts, which never changes again.
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

/** True when the store has no access tokens: nobody can use it yet. */
export async function hasNoTokens({ licensing }: OpenStore): Promise<boolean> {
  return (await licensing.accessTokens.list(FIRST)).total === 0
}
