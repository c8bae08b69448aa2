import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { MemoryRows } from '../../../src/storage/memory/memory-storage'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, claim, release, sell } from './kit/entities'
import { createScratch } from './sqlite-scratch'
import { storeOn } from './stores'

const ANSWERS = 1_500

const scratch = createScratch()

type Sale = Awaited<ReturnType<typeof sell>>
type Look = (store: Store, sale: Sale) => Promise<{ readonly counted: number; readonly listed: number }>

const described: Look = async (store, { target }) => {
  const found = await store.describeLicense(ACCOUNT.id, target, 100)
  if (found.kind !== 'found') throw new Error(`The license is ${found.kind}`)
  return { counted: found.license.activationCount, listed: found.activations.length }
}

/** Reads the license, and its devices after that. */
const careless: Look = async (store, { license }) => {
  const found = await store.findLicense(ACCOUNT.id, license.canonicalKey)
  if (found.kind !== 'found') throw new Error(`The license is ${found.kind}`)
  const { items } = await store.listActivations(ACCOUNT.id, license.id, { limit: 100 })
  return { counted: found.license.activationCount, listed: items.length }
}

/** How many answers disagree with themselves while hosts come and go through another handle. */
async function disagreements(look: Look, reader: Store, writer: Store): Promise<number> {
  const sale = await sell(writer, { maxActivations: null })
  let isOver = false
  const comeAndGo = async (host: string) => {
    while (!isOver) {
      await claim(writer, sale, host)
      await turn()
      await release(writer, sale, host)
    }
  }
  const hosts = ['one', 'two', 'three'].map(comeAndGo)
  let wrong = 0
  for (let asked = 0; asked < ANSWERS; asked += 1) {
    const { counted, listed } = await look(reader, sale)
    if (counted !== listed) wrong += 1
  }
  isOver = true
  await Promise.all(hosts)
  return wrong
}

function inMemory(): readonly [Store, Store] {
  const rows = new MemoryRows()
  return [storeOn(rows), storeOn(rows)]
}

async function open([reader, writer]: readonly [Store, Store]): Promise<readonly [Store, Store]> {
  await Promise.all([reader.open(), writer.open()])
  await writer.insertAccount(ACCOUNT)
  return [reader, writer]
}

describe('a license and its devices, read while hosts come and go', () => {
  it('agree in memory', async () => {
    expect(await disagreements(described, ...(await open(inMemory())))).toBe(0)
  })

  it('agree in SQLite, over two connections', async () => {
    const file = scratch.file()
    expect(await disagreements(described, await scratch.open(file), await scratch.open(file))).toBe(0)
  })

  it('would not, were they read one after the other', async () => {
    expect(await disagreements(careless, ...(await open(inMemory())))).toBeGreaterThan(0)
  })
})
