import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import { createKeyring, createLicensing, type Licensing, type LicensingOptions, SCOPES } from 'keyslot/server'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'

/** A way to put the router into a host app; `path` is where it ends up. */
export interface Mount {
  readonly name: string
  readonly path: string
  readonly mount: (app: Express, licensing: Licensing) => void
}

/** Every way a host app may mount the router, each of which must answer alike. */
export const MOUNTS: readonly Mount[] = [
  { name: 'at the root', path: '', mount: (app, { router }) => app.use(router) },
  { name: 'at a path', path: '/licensing', mount: (app, { router }) => app.use('/licensing', router) },
  {
    name: 'inside a router of the host',
    path: '/api/v2/keys',
    mount(app, { router }) {
      const outer = express.Router()
      outer.use('/keys', router)
      app.use('/api/v2', outer)
    },
  },
  {
    name: "after the host's own body parser",
    path: '/licensing',
    mount(app, { router, errorHandler }) {
      app.use(express.json())
      app.use('/licensing', router)
      app.use(errorHandler)
    },
  },
  {
    name: 'behind trust proxy',
    path: '/licensing',
    mount(app, { router }) {
      app.set('trust proxy', 1)
      app.use('/licensing', router)
    },
  },
]

export interface Fixture {
  readonly licensing: Licensing
  readonly storage: Storage
  /** Another look at what is in the storage, and another hand on it: as a second process would have. */
  readonly store: Store
  /** Where the router is. */
  readonly url: string
  /** Where the host app is. */
  readonly origin: string
  readonly server: Server
  readonly productId: string
  readonly packageId: number
  readonly secret: string
  readonly publishable: string
  readonly clock: { now: Date }
  readonly logged: unknown[]
  close(): Promise<void>
}

/** Where every fixture's clock starts. */
export const START = new Date('2026-06-15T12:00:00.000Z')

/** A licensing service mounted in a host app and listening, with a product and both kinds of token. */
export async function startFixture(mount: Mount, options: Partial<LicensingOptions> = {}): Promise<Fixture> {
  const clock = { now: START }
  const logged: unknown[] = []
  const storage = options.storage ?? memoryStorage()
  const licensing = await createLicensing({
    keyring: createKeyring(clock.now),
    now: () => clock.now,
    housekeepingSeconds: 0,
    rateLimits: false,
    logger: { warn: () => undefined, error: (message, error) => void logged.push([message, error]) },
    ...options,
    storage,
  })
  const product = await licensing.products.create({ name: 'Editor' })
  const secret = await licensing.accessTokens.create({ name: 'all', kind: 'secret', scopes: SCOPES })
  const publishable = await licensing.accessTokens.create({
    name: 'app',
    kind: 'publishable',
    scopes: [],
    productIds: [product.id],
  })
  const app = express()
  mount.mount(app, licensing)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    licensing,
    storage,
    store: createStore(storage),
    url: origin + mount.path,
    origin,
    server,
    productId: product.id,
    packageId: product.packageId,
    secret: secret.token,
    publishable: publishable.token,
    clock,
    logged,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await licensing.close()
    },
  }
}

export interface WireAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire has no type until it is compared
  readonly body: any
  readonly headers: Headers
}

export interface WireRequest {
  readonly token?: string | undefined
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly rawBody?: string | Uint8Array | ReadableStream
  readonly headers?: Record<string, string>
}

/** Sends a request as an outside program would and reads the JSON answer. */
export async function send(url: string, method: string, path: string, request: WireRequest = {}): Promise<WireAnswer> {
  const body = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body))
  const apiKey = path.startsWith('/public/')
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(request.token !== undefined &&
        (apiKey ? { 'X-API-Key': request.token } : { Authorization: `Bearer ${request.token}` })),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...request.headers,
    },
    // A stream goes out in chunks, without a length.
    ...(body !== undefined && { body, ...(body instanceof ReadableStream && { duplex: 'half' as const }) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers }
}
