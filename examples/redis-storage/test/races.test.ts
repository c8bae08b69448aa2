import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, inject, it } from 'vitest'
import { redisStorage } from '../redis-storage'
import { hostsOf, sell } from './scene'

const PROCESSES = 4

/** 400 claims at once, from four processes. */
async function race(how: 'script' | 'naive', prefix: string): Promise<Record<string, number>> {
  const script = fileURLToPath(new URL('./claimer.ts', import.meta.url))
  const workers = Array.from({ length: PROCESSES }, (_, index) =>
    fork(script, [how, inject('redisUrl'), prefix, `${index}`, '100', '10'], {
      execArgv: ['--import', 'tsx'],
      // Where `keyslot/…` is told to tsx to mean the sources of this repository.
      env: { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) },
    }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const reports = workers.map((worker) => once(worker, 'message') as Promise<[Record<string, number>]>)
  for (const worker of workers) worker.send('go')
  const sums: Record<string, number> = {}
  for (const [report] of await Promise.all(reports)) {
    for (const [kind, count] of Object.entries(report)) sums[kind] = (sums[kind] ?? 0) + count
  }
  return sums
}

it('of 400 claims of four processes on 10 slots exactly 10 win, where counting first oversells', async () => {
  const prefix = `{${randomUUID()}}:`
  const storage = redisStorage({ url: inject('redisUrl'), prefix })
  await storage.open()
  await sell(storage, { maxActivations: 10 })

  expect(await race('script', prefix)).toEqual({ created: 10, 'limit-reached': 390 })
  expect(await hostsOf(storage)).toHaveLength(10)

  const naive = await race('naive', prefix)
  expect(naive.created).toBeGreaterThan(10)
  await storage.close()
})
