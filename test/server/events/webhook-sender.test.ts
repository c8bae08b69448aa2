import { createServer, type Socket } from 'node:net'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import type { WebhookEndpoint } from '../../../src/domain/webhook'
import { createNameResolver } from '../../../src/server/events/name-resolver'
import type { Resolve } from '../../../src/server/events/webhook-lookup'
import { createWebhookSender } from '../../../src/server/events/webhook-sender'
import { verifyWebhook } from '../../../src/server/events/webhook-signature'
import { after as later, NOW } from '../../storage/verbs/kit/entities'
import { claimedDelivery, EVENT, LOOPBACK } from './deliveries'
import { type Answer, answering, createReceivers, type Received } from './receiver'

const startReceiver = createReceivers()

const sender = (timeoutMs = 2000, now = () => NOW, resolve: Resolve = createNameResolver().resolve) =>
  createWebhookSender({
    version: '1.2.3',
    now,
    allowedPrivateHosts: LOOPBACK,
    timeoutMs,
    resolve,
  })

/** What a library of Standard Webhooks makes of a delivery; it throws where the signature is wrong. */
function readStandard({ rawBody, headers }: Received, secret: string) {
  return new Webhook(secret).verify(rawBody, headers as Record<string, string>)
}

const encoded = (text: string) => `whsec_${Buffer.from(text.padEnd(32)).toString('base64')}`

describe('receivers of Standard Webhooks', () => {
  // The library reads the clock of the computer.
  const now = new Date()
  const send = sender(2000, () => now)

  it('verify what is sent, with any secret that signs', async () => {
    const receiver = await startReceiver()
    const secrets = ['new', 'old', 'ended'].map((name) => ({
      secret: encoded(name),
      createdAt: NOW,
      expiresAt: name === 'new' ? null : new Date(now.getTime() + (name === 'old' ? 60_000 : 0)),
    }))
    expect(await send(claimedDelivery(receiver.origin, { secrets }))).toEqual({ ok: true })
    const [received] = receiver.received as [Received]
    expect(received.headers).toMatchObject({ 'webhook-id': EVENT.id, 'keymint-signature': expect.any(String) })
    for (const name of ['new', 'old']) expect(readStandard(received, encoded(name))).toMatchObject({ id: EVENT.id })
    for (const name of ['ended', 'other']) expect(() => readStandard(received, encoded(name))).toThrow()
    expect(() => readStandard({ ...received, rawBody: `${received.rawBody} ` }, encoded('new'))).toThrow()
    const stolen = { ...received, headers: { ...received.headers, 'webhook-id': 'evt_other' } }
    expect(() => readStandard(stolen, encoded('new'))).toThrow()
  })

  it('take the secret that a webhook is given', async () => {
    const licensing = await createLicensing({
      storage: memoryStorage(),
      keyring: createKeyring(now),
      logger: { warn: () => undefined, error: () => undefined },
      webhooks: { deliver: false },
    })
    const made = await licensing.webhooks.create({ url: 'https://shop.example/hooks', envelope: 'keymint' })
    const rotated = await licensing.webhooks.rotateSecret(made.id)
    await licensing.close()
    const receiver = await startReceiver()
    const { secrets, envelope } = rotated
    await send(claimedDelivery(receiver.origin, { secrets, envelope }))
    const [received] = receiver.received as [Received]
    for (const { secret } of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
      expect(readStandard(received, secret)).toEqual({
        id: EVENT.id,
        type: 'device.activated',
        resource_type: 'device',
        resource_id: 'h1.host',
        created_at: NOW.toISOString(),
        data: { ...EVENT.data, licenseId: 'lic_one' },
      })
    }
  })
})

describe('one attempt', () => {
  it('posts the event as JSON, signed', async () => {
    const receiver = await startReceiver()
    expect(await sender()(claimedDelivery(`${receiver.origin}/hooks?of=ours`))).toEqual({ ok: true })
    const [received] = receiver.received
    expect(received).toMatchObject({ method: 'POST', path: '/hooks?of=ours' })
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'keyslot/1.2.3',
      'keymint-event-id': EVENT.id,
      'keymint-delivery-id': 'evt_one.hook_one',
      connection: 'close',
      host: `127.0.0.1:${receiver.port}`,
    })
    const { id, type, accountId, licenseId, data } = EVENT
    const body = { id, type, createdAt: NOW.toISOString(), accountId, licenseId, data }
    expect(JSON.parse(received?.rawBody ?? '')).toEqual(body)
    const header = received?.headers['keymint-signature']
    expect(verifyWebhook(received?.rawBody ?? '', header, 'whsec_one', { now: NOW })).toEqual({
      ...body,
      createdAt: NOW,
    })
  })

  it('signs anew every time, with every secret that has not ended', async () => {
    const receiver = await startReceiver()
    let now = NOW
    const send = sender(2000, () => now)
    const secrets: WebhookEndpoint['secrets'] = [
      { secret: 'whsec_new', createdAt: NOW, expiresAt: null },
      { secret: 'whsec_old', createdAt: NOW, expiresAt: later(60_000) },
    ]
    for (const offsetMs of [0, 30_000, 60_000]) {
      now = later(offsetMs)
      await send(claimedDelivery(receiver.origin, { secrets }))
    }
    const accepted = receiver.received.map(({ rawBody, headers }, index) =>
      ['whsec_new', 'whsec_old'].filter((secret) => {
        try {
          const options = { now: later(index * 30_000), toleranceSeconds: 1 }
          return verifyWebhook(rawBody, headers['keymint-signature'], secret, options)
        } catch {
          return false
        }
      }),
    )
    expect(accepted).toEqual([['whsec_new', 'whsec_old'], ['whsec_new', 'whsec_old'], ['whsec_new']])
  })

  it('sends nothing that it cannot sign', async () => {
    const receiver = await startReceiver()
    const secrets = [{ secret: 'whsec_old', createdAt: NOW, expiresAt: NOW }]
    expect(await sender()(claimedDelivery(receiver.origin, { secrets }))).toMatchObject({ ok: false })
    expect(receiver.connections).toBe(0)
  })

  it.each([200, 201, 202, 204, 299])('%i is success', async (status) => {
    const receiver = await startReceiver()
    receiver.answer = answering(status)
    expect(await sender()(claimedDelivery(receiver.origin))).toEqual({ ok: true })
  })

  it.each([300, 304, 400, 401, 404, 410, 429, 500, 503])('%i is failure', async (status) => {
    const receiver = await startReceiver()
    receiver.answer = answering(status)
    expect(await sender()(claimedDelivery(receiver.origin))).toEqual({ ok: false, error: `answered ${status}` })
  })

  it.each<[string, Answer]>([
    ['never answers', () => undefined],
    ['sends its headers byte by byte', (res) => drip(res.socket, 'HTTP/1.1 200 OK\r\nX-Long: ')],
  ])('gives up on a receiver that %s', async (_, answer) => {
    const receiver = await startReceiver()
    receiver.answer = answer
    const started = performance.now()
    const sent = await sender(200)(claimedDelivery(receiver.origin))
    expect(sent).toEqual({ ok: false, error: 'no answer within 200 ms' })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it('gives up on a resolver that never answers', async () => {
    const send = sender(
      200,
      () => NOW,
      () => new Promise(() => undefined),
    )
    const sent = await send(claimedDelivery('https://slow.example/'))
    expect(sent).toEqual({ ok: false, error: 'no answer within 200 ms' })
  })

  it.each<[string, Answer]>([
    ['stalls', (res) => void res.writeHead(200).write('x')],
    ['never begins', (res) => res.writeHead(200).flushHeaders()],
    ['is cut', (res) => void res.writeHead(200, { 'Content-Length': '100' }).write('x', () => res.destroy())],
    ['is no gzip', (res) => void res.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x')],
  ])('a 2xx counts at once although its body %s', async (_, answer) => {
    const receiver = await startReceiver()
    receiver.answer = answer
    const started = performance.now()
    expect(await sender(60_000)(claimedDelivery(receiver.origin))).toEqual({ ok: true })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it('waits for the body of a failure neither, and lets its connection go', async () => {
    const receiver = await startReceiver()
    let closed = false
    receiver.answer = (res) => {
      res.on('close', () => {
        closed = true
      })
      res.writeHead(503).write('x')
    }
    const started = performance.now()
    expect(await sender(60_000)(claimedDelivery(receiver.origin))).toEqual({ ok: false, error: 'answered 503' })
    expect(performance.now() - started).toBeLessThan(20_000)
    await until(() => closed)
  })

  it('lets a receiver that answers in short finish its answer', async () => {
    const receiver = await startReceiver()
    let finished = 0
    receiver.answer = (res) =>
      res
        .on('finish', () => finished++)
        .writeHead(200)
        .end('{"ok":true}')
    for (let index = 0; index < 20; index++) await sender()(claimedDelivery(receiver.origin))
    await until(() => finished === 20)
  })

  it('reads of an endless answer no more than what comes with its status', async () => {
    const receiver = await startReceiver()
    let written = 0
    let cut = false
    receiver.answer = (res) => {
      res.on('close', () => {
        cut = true
      })
      const chunk = 'x'.repeat(16_384)
      const write = () => {
        if (cut) return
        written += chunk.length
        res.write(chunk, write)
      }
      write()
    }
    const started = performance.now()
    expect(await sender(5000)(claimedDelivery(receiver.origin))).toEqual({ ok: true })
    expect(performance.now() - started).toBeLessThan(4500)
    await until(() => cut)
    // The rest is what sockets hold between the two ends.
    expect(written).toBeLessThan(16 * 1024 * 1024)
  })

  it('says of an answer only its status, of an error only its code', async () => {
    const receiver = await startReceiver()
    await receiver.die()
    expect(await sender()(claimedDelivery(receiver.origin))).toEqual({ ok: false, error: 'failed: ECONNREFUSED' })
    const named = () => Promise.reject(Object.assign(new Error('getaddrinfo of 10.0.0.1'), { code: 'EAI_AGAIN' }))
    const sent = await sender(2000, () => NOW, named)(claimedDelivery('https://name.example/'))
    expect(sent).toEqual({ ok: false, error: 'failed: EAI_AGAIN' })
  })

  it.each([
    ['closes at once', ''],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
    ['hints and is gone', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
    ['has endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('fails when the other end %s', async (_, text) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(text))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const sent = await sender(1000)(claimedDelivery(`http://127.0.0.1:${port}/`))
    expect(sent).toMatchObject({ ok: false })
    await new Promise((resolve) => server.close(resolve))
  })

  it('does not try http: where https: fails', async () => {
    const receiver = await startReceiver()
    const sent = await sender()(claimedDelivery(receiver.origin.replace('http:', 'https:')))
    expect(sent).toMatchObject({ ok: false })
    expect(receiver.received).toEqual([])
  })

  it('is cut off by its signal, before and during', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => cutOff.abort()
    const cutOff = new AbortController()
    const send = sender(60_000)
    expect(await send(claimedDelivery(receiver.origin), cutOff.signal)).toMatchObject({ ok: false })
    expect(receiver.received).toHaveLength(1)
    expect(await send(claimedDelivery(receiver.origin), cutOff.signal)).toMatchObject({ ok: false })
    expect(receiver.received).toHaveLength(1)
  })
})

function drip(socket: Socket | null, head: string): void {
  socket?.write(head)
  const timer = setInterval(() => socket?.write('x'), 20)
  socket?.on('close', () => clearInterval(timer))
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}
