import { createLicensing, loadKeyring } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { createShop } from './app'

const licensing = await createLicensing({
  storage: sqliteStorage({ file: 'licenses.db' }),
  keyring: await loadKeyring('licensing-keys.json'), // made on first start, mode 0600: back it up
  mountPath: '/licensing',
})

// One product, and the token that ships inside the app. A token's text is shown once, so it is made once.
const [existing] = (await licensing.products.list({ limit: 1 })).items
const product = existing ?? (await licensing.products.create({ name: 'Acme Editor' }))
if (existing === undefined) {
  const { token } = await licensing.accessTokens.create({
    name: 'ships in the app',
    kind: 'publishable',
    scopes: [],
    productIds: [product.id],
  })
  console.log('Put this into the app you ship:')
  console.log(JSON.stringify({ productId: product.id, accessToken: token, trustedKeys: licensing.jwks.keys }, null, 2))
}

const app = createShop({ licensing, productId: product.id, webhookSecret: process.env.WEBHOOK_SECRET ?? 'change me' })
const server = app.listen(3000, '127.0.0.1', () => console.log('http://127.0.0.1:3000'))

process.once('SIGTERM', () => {
  server.close(() => void licensing.close())
})
