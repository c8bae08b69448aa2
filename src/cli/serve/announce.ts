import type { Product } from '../../domain/product'
import { ROUTES } from '../../protocol/routes'
import type { OpenStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { describeKeyring, describeLocation } from '../storage-location'
import { cell, formatFields } from '../table'
import type { TokenPair } from './bootstrap'

export interface Served {
  readonly store: OpenStore
  readonly url: string
  readonly product: Product
}

/** Prints the one line of `--json`. */
export function announceToMachine({ store, url, product }: Served, { secret, publishable }: TokenPair): void {
  printJson({
    url,
    accountId: store.licensing.accountId,
    productId: product.id,
    packageId: product.packageId,
    secretToken: secret.token,
    publishableToken: publishable.token,
    jwks: jwksUrl(url),
  })
}

/** Tells a person about a server that has started. `made` are the tokens of a store's first start. */
export function announceToPerson({ store, url, product }: Served, made: TokenPair | undefined): void {
  const { location, keyringSource } = store
  print(`${paint('green', 'Listening')} on ${paint('bold', url)}\n`)
  print(
    formatFields([
      ['Store', describeLocation(location)],
      ['Signing keys', describeKeyring(keyringSource)],
      ['Product', `${product.id}  ${cell(product.name)}, package id ${product.packageId}`],
      ['Public keys', jwksUrl(url)],
      ...tokenFields(made),
    ]),
  )
  print(
    made === undefined
      ? '\nThe texts of access tokens are shown only when they are made: keyslot token create makes new ones.'
      : '\nThe tokens are shown this once. The secret one stays on your servers; the publishable one ships in your app.',
  )
  print('Ctrl+C finishes the requests in flight and stops.')
}

function tokenFields(made: TokenPair | undefined): (readonly [string, string])[] {
  if (made === undefined) return []
  return [
    ['Secret token', made.secret.token],
    ['Publishable token', made.publishable.token],
  ]
}

function jwksUrl(url: string): string {
  return url + ROUTES.jwks.path
}
