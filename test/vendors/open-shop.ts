import { serveApps } from '../server/http/authtool-app'
import { type Fixture, type Mount, startFixture } from '../server/http/harness'
import type { Shop } from './exchange'

const MOUNT: Mount = {
  name: 'at a path',
  path: '/licensing',
  mount: (app, { router }) => app.use('/licensing', router),
}

/** Of the form that keys have. */
const UNKNOWN_KEY = 'AAAAA-BBBBB-CCCCC-DDDDD'

/** A server on loopback, with what a vendor has before the first key. */
export async function openShop(): Promise<Fixture & { readonly shop: Shop }> {
  const fixture = await startFixture(MOUNT)
  const { licensing, productId, packageId, secret, publishable } = fixture
  await licensing.products.update(productId, { entitlements: ['export'] })
  await serveApps(fixture)
  const { id: versionId } = await licensing.products.createVersion(productId, { version: '2.0' })
  return { ...fixture, shop: { productId, packageId, versionId, secret, publishable, unknownKey: UNKNOWN_KEY } }
}
