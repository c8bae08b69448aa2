import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, utimes } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { CACHE_FILE, createTokenCache } from '../../../src/client/store/license-on-disk'
import { seededRandom } from '../../seeded-random'
import { printFigures } from '../figures'
import { compileScript } from '../processes'
import { temporaryDir } from '../temporary-dir'

/** `KILLS=100` for the long run. */
const KILLS = Number(process.env.KILLS ?? 10)
const WRITERS = 3
const SEED = 20_260_301
const HOUR_MS = 3_600_000
const LEFTOVER = /\.tmp$/

const figures = {
  kills: KILLS,
  reads: 0,
  torn: 0,
  tornAfterKill: 0,
  leftoversSwept: 0,
  readsOfControl: 0,
  tornOfControl: 0,
  tornAfterKillOfControl: 0,
}

printFigures('C03', figures)

/** Writes activations whose token carries its own checksum, each of another length, until it is killed. */
const WRITER = `
  import { createHash } from 'node:crypto'
  import { writeFileSync } from 'node:fs'
  import path from 'node:path'
  import { serializeState } from '../../src/client/store/cache-record'
  import { CACHE_FILE, createTokenCache } from '../../src/client/store/license-on-disk'
  const [, , dir, how, letter] = process.argv
  const cache = createTokenCache(dir)
  const activation = {
    serverUrl: 'https://example.test/licensing', allowPlainHttp: false, productId: 'prod', accessToken: 'pk_test',
    licenseKey: 'T8XTR-AI21B-2990H-85SB5', hostId: 'host-a', highestTimeSeen: 1_772_366_400,
  }
  for (let i = 0; ; i++) {
    const filling = letter.repeat(20_000 + (i % 7) * 3_000)
    const licenseToken = filling + '.' + createHash('sha256').update(filling).digest('hex')
    const state = { kind: 'activation', activation: { ...activation, licenseToken } }
    if (how === 'kit') await cache.update(() => state)
    else writeFileSync(path.join(dir, CACHE_FILE), serializeState(state))
    if (i === 0) process.stdout.write('writing')
  }
`

let startWriter: (args: string[]) => ChildProcess

beforeAll(async () => {
  startWriter = await compileScript(WRITER)
})

interface Reading {
  readonly reads: number
  readonly torn: number
  /** Of the files as they stood when a writer had just been killed. */
  readonly tornAfterKill: number
}

/** Three processes write, one after the other is killed and replaced, and this one reads all the time. */
async function killWriters(dir: string, how: 'kit' | 'naive'): Promise<Reading> {
  const random = seededRandom(SEED)
  const file = path.join(dir, CACHE_FILE)
  const begin = async (letter: string) => {
    const child = startWriter([dir, how, letter])
    if (child.stdout !== null) await once(child.stdout, 'data')
    return child
  }
  const letters = Array.from({ length: WRITERS }, (_, index) => 'abc'.charAt(index))
  const writers = await Promise.all(letters.map(begin))
  let reads = 0
  let torn = 0
  let tornAfterKill = 0
  let killing = true
  const reading = (async () => {
    while (killing) {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text === undefined) continue
      reads++
      if (!isWhole(text)) torn++
    }
  })()
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(random() * 20)
      const index = kill % WRITERS
      await end(writers[index])
      if (!isWhole(await readFile(file, 'utf8'))) tornAfterKill++
      writers[index] = await begin(letters[index] ?? 'a')
    }
  } finally {
    await Promise.all(writers.map(end))
    killing = false
    await reading
  }
  return { reads, torn, tornAfterKill }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Complete, and not two texts run into each other. */
function isWhole(text: string): boolean {
  const [, filling, checksum] = /"licenseToken": "(\w+)\.([0-9a-f]{64})"[^}]*}\n$/.exec(text) ?? []
  return filling !== undefined && createHash('sha256').update(filling).digest('hex') === checksum
}

describe('three writing processes, killed over and over', () => {
  it('never leave a torn file, nor show one to a reader; what they leave lying is swept', async () => {
    const dir = await temporaryDir()
    const { reads, torn, tornAfterKill } = await killWriters(dir, 'kit')
    Object.assign(figures, { reads, torn, tornAfterKill })
    expect(reads).toBeGreaterThan(100)
    expect({ torn, tornAfterKill }).toEqual({ torn: 0, tornAfterKill: 0 })
    const cache = createTokenCache(dir)
    const { state, persisted } = await cache.read()
    expect([state.kind, persisted]).toEqual(['activation', true])

    const leftovers = (await readdir(dir)).filter((name) => LEFTOVER.test(name))
    const longAgo = new Date(Date.now() - 2 * HOUR_MS)
    for (const name of leftovers) await utimes(path.join(dir, name), longAgo, longAgo)
    await cache.update(() => (state.kind === 'activation' ? state : undefined))
    expect(await readdir(dir)).toEqual([CACHE_FILE])
    figures.leftoversSwept = leftovers.length
  })

  it('control: writing in place tears it, so that the test above could fail', async () => {
    const { reads, torn, tornAfterKill } = await killWriters(await temporaryDir(), 'naive')
    Object.assign(figures, { readsOfControl: reads, tornOfControl: torn, tornAfterKillOfControl: tornAfterKill })
    expect(torn).toBeGreaterThan(0)
  })
})
