import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import express from 'express'
import type * as server from 'keyslot/server'
import type * as sqlite from 'keyslot/storage/sqlite'
import request from 'supertest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ROOT } from './consumer'

/** What Jest hands on to the context in which it runs tests. The rest, `Error` and `Date` among it, is the context's own. */
const HANDED_ON = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
] as const

/** Loads the CommonJS build as Jest does: in a context of its own, where `import()` fails, and Node's errors are of another realm. */
function loader() {
  const all = globalThis as Readonly<Record<string, unknown>>
  const context = createContext(Object.fromEntries(HANDED_ON.map((name) => [name, all[name]])))
  const loaded = new Map<string, { exports: unknown }>()
  const load = (file: string): unknown => {
    const known = loaded.get(file)
    if (known !== undefined) return known.exports
    const module = { exports: {} as unknown }
    loaded.set(file, module)
    const require = createRequire(file)
    const requireHere = Object.assign(
      (name: string) => (name.startsWith('.') ? load(require.resolve(name)) : require(name)),
      { resolve: require.resolve },
    )
    const code = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
    runInContext(code, context, { filename: file })(module.exports, requireHere, module, file, dirname(file))
    return module.exports
  }
  return { load: <T>(entry: string) => load(join(ROOT, 'dist', entry)) as T, context }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyslot-realm-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('under Jest a store and a keyring are made, and served', async () => {
  const { load } = loader()
  const { createLicensing, loadKeyring } = load<typeof server>('server/index.cjs')
  const { sqliteStorage } = load<typeof sqlite>('storage/sqlite.cjs')
  const open = async () =>
    createLicensing({
      storage: sqliteStorage({ file: join(folder, 'licenses.db') }),
      keyring: await loadKeyring(join(folder, 'keys.json')),
    })
  await (await open()).close()
  const licensing = await open()
  const { id } = await licensing.products.create({ name: 'Acme' })
  const { key } = await licensing.licenses.create({ productId: id, maxActivations: 1 })
  const { token } = await licensing.accessTokens.create({
    name: 'app',
    kind: 'publishable',
    scopes: [],
    productIds: [id],
  })
  const app = express().use(express.json()).use(licensing.router).use(licensing.errorHandler)
  const ask = (hostId: string) =>
    request(app)
      .post('/key/activate')
      .set('Authorization', `Bearer ${token}`)
      .send({ productId: id, licenseKey: key, hostId })
  await ask('first').expect(200)
  await ask('second').expect(403)
  const malformed = request(app).post('/key/activate').set('Authorization', `Bearer ${token}`)
  await malformed.set('Content-Type', 'application/json').send('{').expect(400)
  await licensing.close()
})

it('under Jest errors are known by their codes', async () => {
  const { load } = loader()
  const { isLicenseError, loadKeyring } = load<typeof server>('server/index.cjs')
  const failed = await loadKeyring(join(folder, 'nowhere', 'keys.json')).catch((error: unknown) => error)
  expect(isLicenseError(failed, 'KEYRING_INVALID')).toBe(true)
  expect(failed).not.toBeInstanceOf(Error)
  expect((failed as Error).message).toContain('(ENOENT)')
})

it('would notice an import that Jest refuses', async () => {
  const { context } = loader()
  await expect(runInContext("import('node:fs')", context)).rejects.toThrow()
})
