/**
 * A licensing server in a process of its own, which kills itself between an effect and its answer. Started by
 * killed-before-answer.test.ts with the store, its keyring and the change to die after, such as `insert licenses`; prints its port.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createLicensing, loadKeyring } from '../../src/server'
import type { Storage } from '../../src/storage'
import { sqliteStorage } from '../../src/storage/sqlite'

const [file = '', keyringFile = '', dieAfter] = process.argv.slice(2)

/** Storage whose process is gone once such a change is stored, before anybody hears of it. */
function dying(storage: Storage): Storage {
  return {
    ...storage,
    async write(sets) {
      const fates = await storage.write(sets)
      const written = sets.filter((_, index) => fates[index] === 'written').flat()
      if (written.some(({ kind, table }) => `${kind} ${table}` === dieAfter)) process.kill(process.pid, 'SIGKILL')
      return fates
    },
  }
}

const licensing = await createLicensing({
  storage: dying(sqliteStorage({ file })),
  keyring: await loadKeyring(keyringFile),
  logger: { warn: () => undefined, error: (message, error) => console.error(message, error) },
})
const server = createServer(express().use('/licensing', licensing.router))
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
