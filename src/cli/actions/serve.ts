import { addDuration } from '../../domain/calendar'
import { withoutUndefined } from '../../domain/fields'
import type { WireOption } from '../../domain/keymint-wire'
import type { Product } from '../../domain/product'
import type { SeatOptions } from '../../server/seat-options'
import type { StoreOptions } from '../commands/store-options'
import { type OpenStore, openStore } from '../open-store'
import type { Change } from '../option-values'
import { announceToMachine, announceToPerson } from '../serve/announce'
import { createTokenPair, firstProduct, hasNoTokens } from '../serve/bootstrap'
import { createHttpServer, listen } from '../serve/http-server'
import { drain, untilStopped } from '../serve/shutdown'

const DAY_SECONDS = 86_400

export interface ServeOptions extends StoreOptions {
  readonly port: number
  readonly host: string
  readonly adoptKeys?: true
  /** False: the server answers without rate limits. */
  readonly rateLimit: boolean
  readonly trustProxy?: number | readonly string[]
  readonly allowPrivateWebhook?: readonly string[]
  readonly freeUnseenDays?: number
  readonly freeMoves?: Change<number>
  readonly usersPerHost?: number
  readonly freesPerMonth?: number
  readonly hostsPerDay?: number
  readonly keymintWire: WireOption
}

/** Serves until a signal comes, then finishes the requests in flight and closes the store. */
export async function serve(options: ServeOptions): Promise<void> {
  const store = await openStore(options, {
    adoptKeys: options.adoptKeys === true,
    rateLimits: options.rateLimit ? {} : false,
    webhooks: { allowedPrivateHosts: options.allowPrivateWebhook ?? [] },
    freeUnseenAfterSeconds: (options.freeUnseenDays ?? 0) * DAY_SECONDS,
    keymintWire: options.keymintWire,
    ...seatOptions(options),
  })
  try {
    await serveStore(store, options)
  } finally {
    await store.licensing.close()
  }
}

function seatOptions({ freeMoves, usersPerHost, freesPerMonth, hostsPerDay }: ServeOptions): SeatOptions {
  return withoutUndefined({
    seatReuse: freeMoves && (freeMoves.to === null ? (false as const) : { freeMoves: freeMoves.to }),
    usersPerHost,
    selfServiceFreesPerMonth: freesPerMonth,
    activationRate: hostsPerDay === undefined ? undefined : { hosts: hostsPerDay, periodSeconds: DAY_SECONDS },
  })
}

async function serveStore(store: OpenStore, options: ServeOptions): Promise<void> {
  const server = await createHttpServer(store.licensing, options)
  // The server listens before any token is made: where the port is taken, texts of new tokens would be lost unseen.
  const url = await listen(server, options.port, options.host)
  const stopped = untilStopped(server)
  try {
    const product = await firstProduct(store)
    warnOfInactive(product)
    await announce(store, url, product, options)
  } catch (error) {
    await drain(server)
    throw error
  }
  await stopped
}

async function announce(store: OpenStore, url: string, product: Product, options: ServeOptions): Promise<void> {
  const served = { store, url, product }
  if (options.json) {
    const tomorrow = addDuration(new Date(), { amount: 24, unit: 'hour' })
    announceToMachine(served, await createTokenPair(store, product, 'keyslot serve --json', tomorrow))
  } else {
    const made = (await hasNoTokens(store)) ? await createTokenPair(store, product, 'keyslot serve', null) : undefined
    announceToPerson(served, made)
  }
}

function warnOfInactive({ id, active }: Product): void {
  if (!active) console.warn(`keyslot: product ${id} is inactive, its license keys look unknown; keyslot product update`)
}
