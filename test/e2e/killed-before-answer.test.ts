import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { loadKeyring } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childScript } from '../child-script'
import { scratchStore } from '../cli/scratch-folder'
import { PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, send, startFixture } from '../server/http/harness'
import { MUTATING_ROUTES, type NamedRoute, requestFor, successStatus } from '../server/http/requests'
import { makeSubject, type Subject } from '../server/http/subject'

const SERVER = fileURLToPath(new URL('./dying-server.ts', import.meta.url))

/** The change of rows each kind of effect is, and a route that makes it. */
const CHANGES: readonly [string, string][] = [
  ['insert licenses', 'createKey'],
  ['update licenses', 'blockKey'],
  ['delete licenses', 'authtoolDelete'],
  ['update licenses', 'authtoolReset'],
  ['insert activations', 'activateKey'],
  ['insert activations', 'signKey'],
  ['update licenses', 'deactivateKey'],
  ['insert sessions', 'checkout'],
  ['update sessions', 'heartbeat'],
  ['delete sessions', 'checkin'],
  ['insert customers', 'createCustomer'],
  ['update customers', 'toggleCustomer'],
  ['delete customers', 'deleteCustomer'],
]

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

const { file } = scratchStore()
const keyringFile = `${file}.keys.json`

/** A server process on the store; with a change to die after, or to live. */
async function startServer(dieAfter: string): Promise<{ url: string; ended: Promise<unknown> }> {
  const args = [await childScript(SERVER), file, keyringFile, dieAfter]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').then(([, signal]) => signal as unknown)
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { url: `http://127.0.0.1:${port}/licensing`, ended }
}

describe('a process killed between an effect and its answer', () => {
  let fixture: Fixture
  let survivor: { url: string }

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT, {
      storage: sqliteStorage({ file }),
      keyring: await loadKeyring(keyringFile),
      now: () => new Date(),
    })
    survivor = await startServer('')
  })
  afterAll(() => fixture.close())

  const ask = (url: string, route: NamedRoute, subject: Subject, key: string) => {
    const { path, body } = requestFor(route, subject)
    const headers = { 'Idempotency-Key': key }
    return send(url, route.route.method, path, { token: fixture.secret, headers, ...(body && { body }) })
  }
  const events = async () => (await fixture.licensing.events.list({}, { limit: 1 })).total

  it.each(CHANGES)('after %s (%s): the retry has its answer, and no second effect', async (change, name) => {
    const route = MUTATING_ROUTES.find((candidate) => candidate.name === name)
    if (route === undefined) throw new Error(`no route ${name}`)
    const subject = await makeSubject(fixture)
    const key = crypto.randomUUID()
    const server = await startServer(change)
    const before = await events()
    await expect(ask(server.url, route, subject, key)).rejects.toThrow()
    expect(await server.ended).toBe('SIGKILL')
    const stored = await events()
    expect(stored - before).toBe(name === 'heartbeat' ? 0 : 1)

    const [retry, again] = [await ask(survivor.url, route, subject, key), await ask(fixture.url, route, subject, key)]
    expect(retry.status, JSON.stringify(retry.body)).toBe(successStatus(route))
    expect(retry.headers.get('Idempotent-Replayed')).toBe('true')
    expect(again.body).toEqual(retry.body)
    expect(await events()).toBe(stored)
  })
})
