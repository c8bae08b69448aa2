import { assertAppName } from '../../client/files/data-dir'
import { assertServerUrl } from '../../client/words/server-url'
import type { Product } from '../../domain/product'
import type { StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { appCode, type KitFacts, serverCode } from '../init/snippets'
import { type OpenStore, withStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { describeKeyring, describeLocation } from '../storage-location'
import { cell, formatFields } from '../table'

export interface InitOptions extends StoreOptions {
  readonly serverUrl?: string
  readonly appName?: string
}

const LOCAL_SERVER = 'http://localhost:3000/licensing'
/** No store has as many products. */
const MAX_PRODUCTS = 10_000

/** Makes what a server and an app need, and prints their code. */
export function init(name: string, options: InitOptions): Promise<void> {
  const serverUrl = usable(() => assertServerUrl(options.serverUrl ?? LOCAL_SERVER, false, '--server-url'))
  const appName = usable(() => assertAppName(options.appName ?? folderNameOf(name)))
  const make = async (store: OpenStore) => {
    const { product, isNew } = await productNamed(name, store)
    const { token } = await store.licensing.accessTokens.create({
      name: 'keyslot init',
      kind: 'publishable',
      scopes: [],
      productIds: [product.id],
    })
    const trustedKeys = store.licensing.jwks.keys.map(({ kty, crv, x }) => ({ kty, crv, x }))
    const kit: KitFacts = { serverUrl, productId: product.id, accessToken: token, trustedKeys, appName }
    if (options.json) printJson({ ...kit, packageId: product.packageId })
    else show(store, product, isNew, kit)
  }
  return withStore(options, make, { create: true })
}

function usable<T>(assert: () => T): T {
  try {
    return assert()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

/** A name that is usable as a folder's on every system: `Acme Editor` is acme-editor. */
function folderNameOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['my-app']
  return words.join('-').slice(0, 64)
}

async function productNamed(name: string, { licensing }: OpenStore): Promise<{ product: Product; isNew: boolean }> {
  const { items } = await licensing.products.list({ limit: MAX_PRODUCTS })
  const product = items.find((item) => item.name === name)
  if (product !== undefined) return { product, isNew: false }
  return { product: await licensing.products.create({ name }), isNew: true }
}

function show(store: OpenStore, product: Product, isNew: boolean, kit: KitFacts): void {
  const { location, keyringSource } = store
  print(
    formatFields([
      ['Store', describeLocation(location)],
      ['Signing keys', describeKeyring(keyringSource)],
      ['Product', `${product.id}  ${cell(product.name)}${isNew ? '' : ', which was there'}`],
      ['Access token', `${kit.accessToken}  (publishable: it ships in your app)`],
    ]),
  )
  print(`\n${paint('bold', 'Your server:')}\n\n${serverCode(location, keyringSource)}`)
  print(`${paint('bold', 'Your app:')}\n\n${appCode(kit)}`)
  print(`${paint('bold', 'Sell one:')}\n\n  npx keyslot license create --product ${product.id} --max-activations 3`)
}
