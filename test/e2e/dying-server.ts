/**
 * A licensing server in a process of its own, which kills itself between an effect and its answer. Started by
 * killed-before-answer.test.ts with the store, its keyring and the storage step to die after; prints its port.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createLicensing, loadKeyring } from '../../src/server'
import type { Storage } from '../../src/storage'
import { sqliteStorage } from '../../src/storage/sqlite'

const [file = '', keyringFile = '', dieAfter] = process.argv.slice(2)

/** Storage whose process is gone once the step is stored, before anybody hears of it. */
function dying(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        const outcome: unknown = await Reflect.apply(value, target, args)
        if (name === dieAfter) process.kill(process.pid, 'SIGKILL')
        return outcome
      }
    },
  })
}

const licensing = await createLicensing({
  storage: dying(sqliteStorage({ file })),
  keyring: await loadKeyring(keyringFile),
  logger: { warn: () => undefined, error: (message, error) => console.error(message, error) },
})
const server = createServer(express().use('/licensing', licensing.router))
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
