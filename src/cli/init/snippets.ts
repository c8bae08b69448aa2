import type { KeyringSource } from '../../server/index'
import type { StorageLocation } from '../storage-location'

/** What an app is to know of its server. */
export interface KitFacts {
  readonly serverUrl: string
  readonly productId: string
  readonly accessToken: string
  readonly trustedKeys: readonly Readonly<Record<'kty' | 'crv' | 'x', string>>[]
  readonly appName: string
}

/** A program that serves the store. It holds no password. */
export function serverCode(location: StorageLocation, keyring: KeyringSource | undefined): string {
  const { module, called, made } = storageCode(location)
  const keys = typeof keyring === 'object' ? `{ env: ${quoted(keyring.env)} }` : quoted(keyring ?? '')
  return `import express from 'express'
import { createLicensing, loadKeyring } from 'keyslot/server'
import { ${called} } from '${module}'

const licensing = await createLicensing({
  storage: ${made},
  keyring: await loadKeyring(${keys}),
})
const app = express()
app.use('/licensing', licensing.router)
app.listen(3000)
`
}

function storageCode(location: StorageLocation): Readonly<Record<'module' | 'called' | 'made', string>> {
  if (location.kind === 'sqlite') {
    const made = `sqliteStorage({ file: ${quoted(location.file)} })`
    return { module: 'keyslot/storage/sqlite', called: 'sqliteStorage', made }
  }
  if (location.kind === 'memory') return { module: 'keyslot/storage', called: 'memoryStorage', made: 'memoryStorage()' }
  const schema = location.schema === undefined ? '' : `, schema: ${quoted(location.schema)}`
  const made = `postgresStorage({ connectionString: process.env.DATABASE_URL${schema} })`
  return { module: 'keyslot/storage/postgres', called: 'postgresStorage', made }
}

/** A program that activates a license, and asks for its key where none is stored. */
export function appCode({ serverUrl, productId, accessToken, trustedKeys, appName }: KitFacts): string {
  const keys = trustedKeys.map(({ kty, crv, x }) => `{ kty: ${quoted(kty)}, crv: ${quoted(crv)}, x: ${quoted(x)} }`)
  return `import { createLicenseKit } from 'keyslot/client'

const kit = createLicenseKit({
  serverUrl: ${quoted(serverUrl)},
  productId: ${quoted(productId)},
  accessToken: ${quoted(accessToken)},
  trustedKeys: [${keys.join(', ')}],
  appName: ${quoted(appName)},
})
const [licenseKey] = process.argv.slice(2)
if (licenseKey !== undefined) await kit.activate(licenseKey)
const license = await kit.start()
console.log(license.message)
if (!license.usable) process.exitCode = 1
`
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`
}
