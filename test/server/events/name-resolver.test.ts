import { lookup } from 'node:dns/promises'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createNameResolver, type NameResolverOptions } from '../../../src/server/events/name-resolver'
import { createWebhookSender } from '../../../src/server/events/webhook-sender'
import { parseAllowedPrivateHosts } from '../../../src/server/events/webhook-url'
import { NOW } from '../../storage/verbs/kit/entities'
import { claimedDelivery } from './deliveries'
import { createNameServers, type NameServer, type Zone } from './name-server'
import { createReceivers } from './receiver'

const startServer = createNameServers()
const startReceiver = createReceivers()
const SILENT: Zone = () => undefined
/** Nothing but what a test writes. */
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyslot-names-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function resolverOn({ address }: NameServer, options: NameResolverOptions = {}) {
  const files = { hostsFile: join(folder, 'hosts'), resolverFile: join(folder, 'resolv.conf') }
  return createNameResolver({ servers: [address], timeoutMs: 2000, ...files, ...options })
}

const v4 = (address: string) => ({ address, family: 4 })
const v6 = (address: string) => ({ address, family: 6 })

describe('a name server that never answers', () => {
  it('delays no look-up of others in this process', async () => {
    const { resolve } = resolverOn(await startServer(SILENT), { timeoutMs: 3000 })
    const startedAt = performance.now()
    const asking = Promise.allSettled(Array.from({ length: 50 }, (_, index) => resolve(`h${index}.example`)))
    await new Promise((done) => setTimeout(done, 20))
    const lookedAt = performance.now()
    await lookup('localhost')
    expect(performance.now() - lookedAt).toBeLessThan(2500)
    const results = await asking
    expect(performance.now() - startedAt).toBeLessThan(5800)
    expect(results.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(Array(50).fill('ETIMEOUT'))
  })

  it('is not waited for once all questions are cancelled', async () => {
    const { resolve, cancel } = resolverOn(await startServer(SILENT), { timeoutMs: 60_000 })
    const startedAt = performance.now()
    const asking = resolve('h.example')
    setTimeout(cancel, 50)
    await expect(asking).rejects.toMatchObject({ code: 'ETIMEOUT' })
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })

  it('of one family leaves the other', async () => {
    const { resolve } = resolverOn(await startServer((_, family) => (family === 4 ? ['192.0.2.1'] : undefined)))
    expect(await resolve('h.example')).toEqual([v4('192.0.2.1')])
  })
})

describe('what is known without a name server', () => {
  it('is this machine, addresses, and the hosts file, which may change', async () => {
    const server = await startServer(() => ['198.51.100.1'])
    const { resolve } = resolverOn(server)
    writeFileSync(
      join(folder, 'hosts'),
      '192.0.2.7 hooks.example Other.example # not.example\n# 192.0.2.8 no.example\n',
    )
    expect(await resolve('hooks.example')).toEqual([v4('192.0.2.7')])
    expect(await resolve('OTHER.example.')).toEqual([v4('192.0.2.7')])
    writeFileSync(join(folder, 'hosts'), '192.0.2.9 hooks.example\n2001:db8::9 hooks.example\nnonsense hooks.example\n')
    expect(await resolve('hooks.example')).toEqual([v4('192.0.2.9'), v6('2001:db8::9')])
    for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'sub.localhost']) {
      expect(await resolve(name)).toEqual([v4('127.0.0.1'), v6('::1')])
    }
    expect(await resolve('192.0.2.1')).toEqual([v4('192.0.2.1')])
    expect(await resolve('::1')).toEqual([v6('::1')])
    expect(server.asked).toEqual([])
  })

  it('is what the hosts file of the system says of localhost', async () => {
    const found = await createNameResolver().resolve('localhost')
    expect(found.map(({ address }) => address)).toContain('127.0.0.1')
  })
})

describe('what a name server is asked', () => {
  it('is for both families', async () => {
    const server = await startServer((_, family) => (family === 4 ? ['192.0.2.1', '192.0.2.2'] : ['2001:db8::5']))
    expect(await resolverOn(server).resolve('H.example')).toEqual([v4('192.0.2.1'), v4('192.0.2.2'), v6('2001:db8::5')])
    expect(server.asked.toSorted()).toEqual(['4 h.example', '6 h.example'])
  })

  it('may have no answer', async () => {
    const server = await startServer((name) => (name === 'empty.example' ? [] : null))
    const { resolve } = resolverOn(server)
    await expect(resolve('gone.example')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(resolve('empty.example')).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it('is for short names in the domains of the system too', async () => {
    writeFileSync(
      join(folder, 'resolv.conf'),
      'nameserver 192.0.2.53\nsearch shop.svc.cluster.local lan.\noptions ndots:2\n',
    )
    const server = await startServer((name, family) => (name === 'hooks.lan' && family === 4 ? ['192.0.2.1'] : null))
    const { resolve } = resolverOn(server)
    expect(await resolve('hooks')).toEqual([v4('192.0.2.1')])
    await expect(resolve('hooks.')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    const asked = (name: string) => server.asked.indexOf(`4 ${name}`)
    expect(asked('hooks.shop.svc.cluster.local')).toBeLessThan(asked('hooks.lan'))
  })
})

describe('a webhook', () => {
  const send = (server: NameServer, url: string, allowed: readonly string[] = []) =>
    createWebhookSender({
      version: '1.2.3',
      now: () => NOW,
      allowedPrivateHosts: parseAllowedPrivateHosts(allowed),
      timeoutMs: 2000,
      resolve: resolverOn(server).resolve,
    })(claimedDelivery(url))

  it.each<[string, Zone]>([
    ['a private address', () => ['127.0.0.1']],
    ['a private one among public ones', (_, family) => (family === 4 ? ['93.184.215.14', '127.0.0.1'] : [])],
    ['a private one of the other family', (_, family) => (family === 4 ? ['93.184.215.14'] : ['::1'])],
    ['loopback in the clothes of IPv6', (_, family) => (family === 4 ? [] : ['::ffff:7f00:1'])],
  ])('does not go to a name that has %s', async (_, zone) => {
    const canary = await startReceiver()
    const server = await startServer((name, family) =>
      zone(name, family)?.filter((one) => one.includes(':') === (family === 6)),
    )
    const sent = await send(server, `https://inside.example:${canary.port}/`)
    expect(sent).toEqual({ ok: false, error: 'the name leads to a private address' })
    expect(canary.connections).toBe(0)
  })

  it('goes to the very address that was checked: the name is asked for once', async () => {
    const receiver = await startReceiver()
    const server = await startServer((_, family) => (family === 4 ? ['127.0.0.1'] : []))
    expect(await send(server, `http://inside.example:${receiver.port}/`, ['inside.example'])).toEqual({ ok: true })
    expect(receiver.received).toHaveLength(1)
    expect(server.asked.toSorted()).toEqual(['4 inside.example', '6 inside.example'])
  })

  it('goes to this machine by name, where that is allowed', async () => {
    const receiver = await startReceiver()
    const server = await startServer(SILENT)
    expect(await send(server, `http://localhost:${receiver.port}/`, ['localhost'])).toEqual({ ok: true })
    expect(server.asked).toEqual([])
  })

  it('whose name server never answers fails in time', async () => {
    const sent = await send(await startServer(SILENT), 'https://silent.example/')
    expect(sent).toMatchObject({ ok: false, error: expect.stringMatching(/^failed: ETIMEOUT$|^no answer within/) })
  })
})
