// One process of bench/hot-license.ts: claims slots of the one license until its time is up.
import { once } from 'node:events'
import { DEFAULT_ACCOUNT_ID } from '../src/domain/account'
import { newActivation } from '../test/storage/verbs/kit/entities'
import { keyOf, NOW, PRODUCT } from './catalogue'
import { openStore, type Wanted } from './hot-license-store'

/** What a process has come to. */
export interface Granted {
  readonly grants: number
  readonly longestMs: number
  readonly conflicts: number
}

const IN_FLIGHT = 32
const wanted = JSON.parse(process.argv[2] ?? '') as Wanted & { readonly name: string; readonly ms: number }
const { store, lost } = openStore(wanted)
await store.open()
process.send?.('ready')
await once(process, 'message')

const endAt = performance.now() + wanted.ms
let grants = 0
let longestMs = 0

async function claimOn(lane: number): Promise<void> {
  for (let serial = 0; performance.now() < endAt; serial++) {
    const hostId = `${wanted.name}-${lane}-${serial}`
    const startedAt = performance.now()
    const target = { canonicalKey: keyOf(0), productId: PRODUCT.id }
    const { kind } = await store.claimActivation(DEFAULT_ACCOUNT_ID, target, newActivation(hostId), { now: NOW })
    if (kind !== 'created') throw new Error(kind)
    longestMs = Math.max(longestMs, performance.now() - startedAt)
    grants += 1
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, (_, lane) => claimOn(lane)))
await store.close()
const told: Granted = { grants, longestMs, conflicts: lost() }
process.send?.(told)
process.disconnect()
