import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { revocationId } from '../../../src/protocol/revocation-list'
import type { ChangeSet, Storage } from '../../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../../src/storage/memory/memory-storage'
import { TABLES } from '../../../src/storage/tables'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { createDraw, type Draw } from './draw'
import { ACCOUNT, after, claim, newActivation, release, type Sale, sell, sellMore } from './kit/entities'
import { outcomeOf } from './kit/outcomes'

const ROUNDS = 200
const MINUTE_MS = 60_000
/** How far the second server's clock is ahead. */
const APART_MS = 10 * MINUTE_MS

const open: Store[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
})

/** Reads and writes take some turns, so that others come in between. */
function slowly(storage: Storage, draw: Draw): Storage {
  const some = async () => {
    for (let turns = draw(4); turns > 0; turns -= 1) await turn()
  }
  return {
    ...storage,
    async read(queries) {
      await some()
      const answers = await storage.read(queries)
      await some()
      return answers
    },
    async write(sets) {
      await some()
      return storage.write(sets)
    },
  }
}

function withoutGuards(storage: Storage): Storage {
  const unguarded = (set: ChangeSet) =>
    set.filter(({ kind, table }) => kind !== 'guard' || table !== TABLES.counter.name)
  return { ...storage, write: (sets) => storage.write(sets.map(unguarded)) }
}

/** A server, and what time it is there. */
interface Server {
  readonly store: Store
  readonly aheadMs: number
}

async function startServers(draw: Draw): Promise<readonly Server[]> {
  const rows = new MemoryRows()
  const servers = [0, APART_MS].map((aheadMs) => {
    return { store: createStore(slowly(createMemoryStorage(rows), draw)), aheadMs }
  })
  for (const { store } of servers) {
    open.push(store)
    await store.open()
    await store.insertAccount(ACCOUNT)
  }
  return servers
}

/** What went wrong while a host was freed and activated again and again, as others renewed it. */
async function race(seed: number) {
  const draw = createDraw(seed)
  const servers = await startServers(draw)
  const some = () => servers[draw(servers.length)] as Server
  const [{ store }] = servers as [Server, Server]
  const sale = await sell(store)
  const other = await sellMore(store, sale.product, 'two')
  const wrong = { spared: 0, ended: 0 }
  let time = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    time += draw(4 * MINUTE_MS)
    const jti = `jti_${round}`
    const at = ({ aheadMs }: Server) => after(time + aheadMs)
    const later = ({ aheadMs }: Server) => after(time + aheadMs + draw(2 * MINUTE_MS))
    const [first, last] = [some(), some()]
    const stamps: number[] = []
    const note = (outcome: object) => {
      if ('activation' in outcome && 'stamp' in outcome) stamps.push(outcome.stamp as number)
    }
    note(await claim(first.store, sale, newActivation('host-1', { jti }), at(first)))
    if ((stamps[0] ?? 0) <= (await stampOf(store, sale))) wrong.ended += 1
    const renewing = Array.from({ length: 6 }, some).map(async (server) => {
      for (let turns = draw(12); turns > 0; turns -= 1) await turn()
      const asked = { ...sale.target, hostId: 'host-1' }
      note(await server.store.validateActivation(ACCOUNT.id, asked, later(server)))
    })
    const raising = Array.from({ length: 3 }, some).map((server, index) =>
      claim(server.store, other, `host-${index}`, later(server)),
    )
    await Promise.all([...renewing, ...raising, release(last.store, sale, 'host-1', { trusted: true }, at(last))])
    const entry = await stampOf(store, sale)
    if (stamps.some((stamp) => stamp > entry)) wrong.spared += 1
  }
  return wrong
}

async function stampOf(store: Store, { license }: Sale): Promise<number> {
  const entries = (await store.listRevocations(after(0), null)) ?? []
  return entries.find(({ id }) => id === revocationId(license.id, 'host-1'))?.stamp ?? 0
}

it.each([1, 2])('tokens given out while a host is freed are revoked, later ones are good (seed %i)', async (seed) => {
  expect(await race(seed)).toEqual({ spared: 0, ended: 0 })
})

/** Frees a host, and between the read and the write of that raises the ceiling and renews the host above it. */
async function renewMeanwhile(make: (storage: Storage) => Storage = (storage) => storage) {
  const rows = new MemoryRows()
  let meanwhile: (() => Promise<void>) | undefined
  const storage = createMemoryStorage(rows)
  const slow = createStore(
    make({
      ...storage,
      async write(sets) {
        const first = meanwhile
        meanwhile = undefined
        await first?.()
        return storage.write(sets)
      },
    }),
  )
  const fast = createStore(createMemoryStorage(rows))
  for (const store of [slow, fast]) {
    open.push(store)
    await store.open()
  }
  await slow.insertAccount(ACCOUNT)
  const sale = await sell(slow)
  const at = (seconds: number) => after(APART_MS + seconds * 1_000)
  outcomeOf(await claim(fast, sale, 'host-2', at(0)), 'created')
  outcomeOf(await claim(fast, sale, 'host-1', at(240)), 'created')
  const other = await sellMore(slow, sale.product, 'two')
  const stamps: number[] = []
  meanwhile = async () => {
    outcomeOf(await claim(fast, other, 'host-1', at(301)), 'created')
    const asked = { ...sale.target, hostId: 'host-1' }
    stamps.push(outcomeOf(await fast.validateActivation(ACCOUNT.id, asked, at(302)), 'valid').stamp)
  }
  outcomeOf(await release(slow, sale, 'host-1', {}, after(240_000)), 'released')
  expect(stamps).toEqual([at(302).getTime()])
  return { token: stamps[0] ?? 0, entry: await stampOf(slow, sale) }
}

it('a token above the ceiling that a release has read is revoked all the same', async () => {
  const { token, entry } = await renewMeanwhile()
  expect(token).toBeLessThanOrEqual(entry)
})

it('which would not be so if a release did not rely on the ceiling', async () => {
  const { token, entry } = await renewMeanwhile(withoutGuards)
  expect(token).toBeGreaterThan(entry)
})
