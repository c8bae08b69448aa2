// One server of the HTTP benchmark, in a process of its own, on the built package as users run it.
// Usage: node bench/http-server.mjs express|memory|sqlite|postgres [FOLDER|URL]; prints one JSON line once it listens.
import { createServer } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { postgresStorage } from 'keyslot/storage/postgres'
import { sqliteStorage } from 'keyslot/storage/sqlite'

// Many enough that a license has few devices, as in a shop.
const LICENSES = 5_000
const DEVICES = 2
const quiet = { warn: () => undefined, error: (message, error) => console.error(message, error) }

const [kind, place = '.'] = process.argv.slice(2)
const app = express()
const target = kind === 'express' ? mountLimit() : await mountKeyslot()
const server = createServer(app).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, ...target }))
})

/** The framework limit: the same body parsed, an answer of the same size sent, nothing done. */
function mountLimit() {
  const activated = {
    code: 0,
    message: 'License valid',
    licensee_name: null,
    licensee_email: null,
    license_token: 'x'.repeat(880),
  }
  const at = new Date().toISOString()
  const device = { host_id: 'host-12345', device_tag: null, ip_address: '127.0.0.1', activation_time: at }
  const license = {
    id: 'lic_0123456789012345678901',
    key: 'AAAAA-BBBBB-CCCCC-DDDDD',
    product_id: 'prod_0123456789012345678901',
    max_activations: 0,
    usage_limit: 0,
    activations: DEVICES,
    devices: Array(DEVICES).fill(device),
    activated: true,
    expiration_date: null,
  }
  const described = { code: 0, data: { license, customer: null } }
  app.post('/activate-key', express.json(), (_req, res) => res.json(activated))
  app.post('/get-key', express.json(), (_req, res) => res.json(described))
  app.post('/deactivate-key', express.json(), (_req, res) => res.json({ message: 'Device deactivated', code: 0 }))
  return {
    productId: 'prod_0123456789012345678901',
    token: 'at_none',
    keys: Array(LICENSES).fill('AAAAA-BBBBB-CCCCC-DDDDD'),
  }
}

function createStorage() {
  if (kind === 'memory') return memoryStorage()
  if (kind === 'postgres') return postgresStorage({ connectionString: place })
  return sqliteStorage({ file: join(place, 'bench.db') })
}

async function mountKeyslot() {
  const licensing = await createLicensing({
    storage: createStorage(),
    keyring: createKeyring(new Date()),
    logger: quiet,
    rateLimits: false,
    // Each round has a keyring of its own.
    adoptNewKeyring: true,
  })
  const { id: productId } = await licensing.products.create({ name: 'Bench' })
  const { token } = await licensing.accessTokens.create({
    name: 'bench',
    kind: 'secret',
    scopes: ['licenses:activate', 'licenses:read'],
  })
  const keys = []
  while (keys.length < LICENSES) {
    const made = await Promise.all(Array.from({ length: 100 }, () => licensing.licenses.create({ productId })))
    keys.push(...made.map(({ key }) => key))
  }
  app.use(licensing.router)
  return { productId, token, keys }
}
