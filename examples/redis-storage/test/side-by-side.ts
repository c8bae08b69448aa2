import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  type Activation,
  type License,
  memoryStorage,
  type Storage,
  type StoreRecord,
  startActivation,
} from 'keyslot/storage'
import { redisStorage } from '../redis-storage'
import { casesOf } from './cases'
import { ACCOUNT, NOW, newActivation, PRODUCT, sell, tally } from './scene'

/** Asks every app for a key. */
export const STRICT = { ...PRODUCT, id: 'prod_strict', requireProof: true }

/** How a host's slot can be; null for none. */
export const SLOTS = [null, ...casesOf({ proofKey: [null, 'key'], rests: [false, true], hasLapsed: [false, true] })]

type Slot = (typeof SLOTS)[number]

/** A license, the slots that are taken of it by host, and what is done to it. */
export interface Scenario {
  readonly license: License
  readonly slots: Readonly<Record<string, Slot>>
  readonly act: (on: Storage) => Promise<{ readonly kind: string }>
}

/** Redis, and beside it keyslot's own rules on rows in memory. */
export interface Pair {
  readonly redis: Storage
  readonly memory: Storage
}

/** Both with the product of the scene and {@link STRICT}. */
export async function openPair(url: string): Promise<Pair> {
  const redis = redisStorage({ url, prefix: `{${randomUUID()}}:` })
  const memory = memoryStorage()
  for (const on of [redis, memory]) {
    await on.open()
    await sell(on)
    await on.insertProduct(ACCOUNT.id, STRICT, { now: NOW })
  }
  return { redis, memory }
}

/** What came of playing scenarios on both. */
export interface Comparison {
  /** How often each outcome happened. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Where the outcome, or what was stored after it, is not the same. */
  readonly disagreements: readonly unknown[]
}

/** More would only wait for one another, some of them for too long. */
const AT_ONCE = 200

export async function compare({ redis, memory }: Pair, scenarios: readonly Scenario[]): Promise<Comparison> {
  const played: { scenario: Scenario; inRedis: Played; inMemory: Played }[] = []
  for (let first = 0; first < scenarios.length; first += AT_ONCE) {
    const some = scenarios.slice(first, first + AT_ONCE).map(async (scenario) => {
      return { scenario, inRedis: await play(redis, scenario), inMemory: await play(memory, scenario) }
    })
    played.push(...(await Promise.all(some)))
  }
  const revoked = { inRedis: await revokedIn(redis), inMemory: await revokedIn(memory) }
  return {
    outcomes: tally(played.map(({ inRedis }) => inRedis.outcome)),
    disagreements: [...played, revoked].filter(({ inRedis, inMemory }) => !isDeepStrictEqual(inRedis, inMemory)),
  }
}

type Played = Awaited<ReturnType<typeof play>>

async function play(on: Storage, { license, slots, act }: Scenario) {
  const activations = Object.entries(slots).flatMap(([hostId, slot]): StoreRecord[] =>
    slot === null ? [] : [{ kind: 'activation', value: activationOf(hostId, slot, license) }],
  )
  // Imported, because nothing else stores a license in whatever state with the activations it has.
  const imported = await on.importRecords([{ kind: 'license', value: license }, ...activations])
  return {
    imported,
    outcome: await act(on),
    license: await on.findLicense(ACCOUNT.id, license.canonicalKey),
    left: await on.listActivations(ACCOUNT.id, license.id, { limit: 10 }),
  }
}

function activationOf(hostId: string, { proofKey, rests, hasLapsed }: NonNullable<Slot>, license: License): Activation {
  const product = { ...PRODUCT, accountId: ACCOUNT.id, packageId: 1 }
  const own = { id: `act_${license.id}_${hostId}`, jti: `jti_${license.id}_${hostId}` }
  const started = startActivation(license, product, { ...newActivation(hostId), ...own, proofKey }, NOW)
  return { ...started, surrenderedAt: rests ? NOW : null, expiresAt: hasLapsed ? NOW : null }
}

async function revokedIn(on: Storage) {
  const { version, tokenIds } = await on.listRevocations(NOW)
  return { version, tokenIds: [...tokenIds].sort() }
}
