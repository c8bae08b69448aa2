import { once } from 'node:events'
import { copyFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import express from 'express'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { temporaryDir } from '../client/temporary-dir'

/** What answers at the server's address: the server, one that fails or hangs, a network's sign-in page, or nobody. */
export type Weather = 'well' | '500' | 'hanging' | 'portal' | 'nobody'

const quiet = { warn: () => undefined, error: () => undefined }

/** The vendor's real server, on a file, with a clock of its own and a network that may fail. */
export class Shop {
  weather: Weather = 'well'
  /** Called instead of sending the answer to an activation, once. */
  onActivated: (() => void) | undefined
  key = ''
  /** A file with what an app has built in. */
  config = ''
  licensing!: Licensing
  #daysOn = 0
  #productId = ''
  readonly #folder: string
  readonly #keyring = createKeyring(new Date())
  readonly #server: Server

  private constructor(folder: string) {
    this.#folder = folder
    const serve: RequestListener = (request, response) => this.#answer(request, response)
    this.#server = createServer(serve)
  }

  static async open(): Promise<Shop> {
    const shop = new Shop(await temporaryDir())
    await shop.#start('shop.db')
    const product = await shop.licensing.products.create({ name: 'Acme Editor' })
    shop.#productId = product.id
    await shop.sell()
    shop.#server.listen(0, '127.0.0.1')
    await once(shop.#server, 'listening')
    await shop.configure()
    return shop
  }

  async sell(expiresAt?: Date): Promise<void> {
    const terms = { productId: this.#productId, maxActivations: 1, customer: { name: 'Ada' } }
    const { key } = await this.licensing.licenses.create({ ...terms, ...(expiresAt && { expiresAt }) })
    this.key = key
  }

  /** So many days go by for the server. */
  wait(days: number): void {
    this.#daysOn += days
  }

  now(): Date {
    return new Date(Date.now() + this.#daysOn * 86_400_000)
  }

  async slotsTaken(): Promise<number> {
    return (await this.licensing.licenses.get(this.key)).license.activationCount
  }

  async backUp(): Promise<void> {
    await this.licensing.close()
    await copyFile(path.join(this.#folder, 'shop.db'), path.join(this.#folder, 'backup.db'))
    await this.#start('shop.db')
  }

  async restore(): Promise<void> {
    await this.licensing.close()
    await this.#start('backup.db')
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await this.licensing.close()
  }

  async #start(file: string): Promise<void> {
    const storage = sqliteStorage({ file: path.join(this.#folder, file) })
    const now = () => this.now()
    this.licensing = await createLicensing({ storage, keyring: this.#keyring, logger: quiet, rateLimits: false, now })
    this.#app = express().use(this.licensing.router)
  }

  #app: RequestListener = () => undefined

  /** Writes what an app has built in. */
  async configure(more: { readonly hostId?: string } = {}): Promise<void> {
    const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [this.#productId] } as const
    const { token: accessToken } = await this.licensing.accessTokens.create(access)
    const serverUrl = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    const trustedKeys = this.licensing.jwks.keys
    this.config = path.join(this.#folder, 'config.json')
    const config = { serverUrl, productId: this.#productId, accessToken, trustedKeys, ...more }
    await writeFile(this.config, JSON.stringify(config))
  }

  #answer(...[request, response]: Parameters<RequestListener>): void {
    response.sendDate = false
    response.setHeader('date', this.now().toUTCString())
    if (this.weather === 'nobody') return void response.destroy()
    if (this.weather === 'hanging') return
    if (this.weather === '500') return void response.writeHead(500).end('Internal Server Error')
    if (this.weather === 'portal') {
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>')
    }
    const { onActivated } = this
    if (onActivated !== undefined && request.url === '/key/activate') {
      this.onActivated = undefined
      response.writeHead = () => {
        onActivated()
        return response.destroy()
      }
    }
    this.#app(request, response)
  }
}
