import { copyFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import type { Licensing } from 'keyslot/server'
import type { Build } from './build'
import { DAY, type Time } from './time'

/** What an app of some release ships. */
export interface Release {
  readonly serverUrl: string
  readonly statementsUrl: string
  readonly productId: string
  readonly accessToken: string
  readonly trustedKeys: Licensing['jwks']['keys']
}

/** Somebody who sells an app: one license server over one store, and what happens to it in a year. */
export type Vendor = Awaited<ReturnType<typeof startVendor>>

const SILENT = { warn: () => undefined, error: () => undefined }

export async function startVendor(build: Build, time: Time, folder: string) {
  let clockOffset = 0
  const now = () => time.date(clockOffset)
  const place = await openPlace(now)
  const statements = await openPlace(now)
  const store = join(folder, 'licenses.db')
  const backup = join(folder, 'backup.db')
  let keyring = build.createKeyring(time.date())
  let stated = ''
  let serverPlace = place
  statements.serve((_, response) => response.end(stated))

  async function open(): Promise<Licensing> {
    const opened = await build.createLicensing({
      storage: build.sqliteStorage({ file: store }),
      keyring,
      rateLimits: false,
      housekeepingSeconds: 0,
      accessTokenCacheSeconds: 0,
      logger: SILENT,
      now,
    })
    serverPlace.serve(express().use('/licensing', opened.router))
    return opened
  }
  let licensing = await open()
  async function restart(between: () => Promise<unknown> = async () => undefined) {
    serverPlace.serve(undefined)
    await licensing.close()
    await between()
    licensing = await open()
  }

  const product = await licensing.products.create({ name: 'Acme Editor', selfService: true })
  const newToken = () =>
    licensing.accessTokens.create({ name: 'app', kind: 'publishable', scopes: [], productIds: [product.id] })
  let token = await newToken()
  const release = (): Release => ({
    serverUrl: `${serverPlace.url}/licensing`,
    statementsUrl: `${statements.url}/statements`,
    productId: product.id,
    accessToken: token.token,
    trustedKeys: licensing.jwks.keys,
  })
  let newest = release()

  return {
    product,
    /** What somebody installs who gets the app now. */
    newest: () => newest,
    licensing: () => licensing,
    setClock(aheadMs: number) {
      clockOffset = aheadMs
    },
    goDown: () => serverPlace.serve(undefined),
    comeBack: () => restart(),
    async backUp() {
      await restart(() => copyFile(store, backup))
    },
    /** All that has happened since the last backup is forgotten. */
    restore: () => restart(() => copyFile(backup, store)),
    async rotateKeys() {
      keyring = build.rotateKeyring(keyring, now())
      await restart()
      newest = release()
    },
    /** The key before the current one was stolen. */
    async revokeOldKey() {
      const [old] = keyring.retired
      if (old !== undefined) keyring = build.revokeKey(keyring, old.kid, now())
      await restart()
      newest = release()
    },
    /** Returns what ends the old token, once the apps in the field have the new one. */
    async rotateToken() {
      const { id } = token.accessToken
      token = await newToken()
      newest = release()
      return async () => void (await licensing.accessTokens.revoke(id))
    },
    /** The machine burns; last night's backup stands up elsewhere, and the vendor states where. */
    async moveAway() {
      const from = `${serverPlace.url}/licensing`
      await restart(async () => {
        await copyFile(backup, store)
        serverPlace = await openPlace(now)
      })
      const signer = { keyring, issuer: 'keyslot', now: now() }
      const serverUrl = `${serverPlace.url}/licensing`
      stated = (await build.statements?.signMoved(signer, { serverUrl, from })) ?? ''
      newest = release()
    },
    async close() {
      await licensing.close()
      for (const one of places) one.close()
    },
    sell: async (maxActivations: number, days?: number) => {
      const terms = { productId: product.id, maxActivations, usersPerHost: 32 }
      const end = days === undefined ? {} : { expiresAt: time.date(days * DAY) }
      return (await licensing.licenses.create({ ...terms, ...end })).key
    },
  }
}

const places: { close(): void }[] = []

async function openPlace(now: () => Date) {
  let serving: RequestListener | undefined
  const http = createServer((request, response) => {
    response.setHeader('Date', now().toUTCString())
    if (serving === undefined) response.destroy()
    else serving(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const opened = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    /** Nobody answers until somebody serves. */
    serve(listener: RequestListener | undefined) {
      serving = listener
    },
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
  places.push(opened)
  return opened
}
