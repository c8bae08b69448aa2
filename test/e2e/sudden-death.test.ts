import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../cli/keyslot-process'
import { scratchStore } from '../cli/scratch-folder'
import { createKey, post, readKeyUse } from './wire'

const ROUNDS = 4
const CLIENTS = 16

/**
 * Activates new hosts until the server is gone, and kills it once so many were answered.
 * @returns the hosts whose activation was answered with 200
 */
async function activateUntilKilled(server: RunningServer, licenseKey: string, round: number, killAfter: number) {
  const acknowledged: string[] = []
  const client = async (number: number) => {
    for (let turn = 0; ; turn++) {
      const hostId = `round-${round}-client-${number}-${turn}`
      const answer = await post(server.line, '/key/activate', { licenseKey, hostId }).catch(() => undefined)
      if (answer === undefined) return
      if (answer.status !== 200) throw new Error(`${hostId} was answered ${answer.status}`)
      acknowledged.push(hostId)
      if (acknowledged.length === killAfter) server.signal('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  expect(await server.ended).toBe('SIGKILL')
  return acknowledged
}

describe('kill -9 of a server under load', () => {
  it('loses no activation that was answered', async () => {
    const store = scratchStore()
    const acknowledged: string[] = []
    let server = await serve(...store.args, '--no-rate-limit')
    const licenseKey = await createKey(server.line)

    for (let round = 1; round <= ROUNDS; round++) {
      const answered = await activateUntilKilled(server, licenseKey, round, 100 + 37 * round)
      acknowledged.push(...answered)
      server = await serve(...store.args, '--no-rate-limit')
      const { activations, hostIds } = await readKeyUse(server.line, licenseKey)
      const stored = new Set(hostIds)
      expect(acknowledged.filter((hostId) => !stored.has(hostId))).toEqual([])
      // The counter and the rows it counts never part, whenever the process dies.
      expect(activations).toBe(hostIds.length)
      // Stored but never answered: at most what was under way.
      expect(activations - acknowledged.length).toBeLessThanOrEqual(round * CLIENTS)
    }

    expect(await server.stop()).toBe(0)
    const database = new Database(store.file, { readonly: true })
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(database.pragma('foreign_key_check')).toEqual([])
    database.close()
  })
})
