import { lookup } from 'node:dns/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../../src/server/events/public-address'
import { createLookup, type Resolve } from '../../../src/server/events/webhook-lookup'
import { createWebhookSender, type SendResult } from '../../../src/server/events/webhook-sender'
import { parseAllowedPrivateHosts, parseWebhookUrl } from '../../../src/server/events/webhook-url'
import { NOW } from '../../storage/verbs/kit/entities'
import { claimedDelivery } from './deliveries'
import { answering, Receiver } from './receiver'

/** Hosts that lead inside. The fake resolver knows the names among them. */
const INSIDE = [
  // Loopback, in every spelling of IPv4 that URLs know.
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7F.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.01',
  '0177.0x0.1',
  '00000177.0.0.1',
  '127%2e0%2e0%2e1',
  '%31%32%37.0.0.1',
  '①②⑦.0.0.1',
  '１２７.0.0.1',
  '127。0。0。1',
  '0',
  '0.0.0.0',
  '0x0',
  '0.1.2.3',
  // Names of loopback, by the system's resolver or a stranger's.
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ⓛocalhost',
  'sub.localhost',
  '127.0.0.1.nip.example',
  'mapped.example',
  // IPv6, plain and around IPv4.
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:0:53aa:64c:0:fbff:80ff:fffe]',
  '[::ffff:a9fe:a9fe]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[100::1]',
  '[5f00::1]',
  // Cloud metadata, and other private networks.
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  'metadata.example',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  // Only one of its addresses is inside.
  'both.example',
]

const NAMES: Readonly<Record<string, readonly { address: string; family: 4 | 6 }[]>> = {
  // Not every system's resolver knows the spelling with a dot.
  'localhost.': [{ address: '127.0.0.1', family: 4 }],
  'sub.localhost': [{ address: '127.0.0.1', family: 4 }],
  '127.0.0.1.nip.example': [{ address: '127.0.0.1', family: 4 }],
  'mapped.example': [{ address: '::ffff:127.0.0.1', family: 6 }],
  'metadata.example': [{ address: '169.254.169.254', family: 4 }],
  'both.example': [
    { address: '93.184.215.14', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ],
}

const resolve: Resolve = async (name) => NAMES[name] ?? (await lookup(name, { all: true }))

describe('where webhooks may lead', () => {
  const canary = new Receiver()
  beforeEach(() => canary.listen())
  afterEach(() => canary.die())

  const sender = (allowed: readonly string[] = [], resolver = resolve) =>
    createWebhookSender({
      version: '1.2.3',
      now: () => NOW,
      allowedPrivateHosts: parseAllowedPrivateHosts(allowed),
      timeoutMs: 2000,
      resolve: resolver,
    })

  it.each(INSIDE)('not to %s', async (host) => {
    const sent = await sender()(claimedDelivery(`https://${host}:${canary.port}/hook`))
    expect(sent).toEqual({ ok: false, error: expect.stringMatching(/private address$/) })
    expect(await sender()(claimedDelivery(`http://${host}:${canary.port}/hook`))).toMatchObject({ ok: false })
    expect(canary.connections).toBe(0)
  })

  it('the table holds more than forty spellings, each once', () => {
    expect(new Set(INSIDE).size).toBe(INSIDE.length)
    expect(INSIDE.length).toBeGreaterThan(40)
  })

  it('not to a name that was public a moment ago', async () => {
    const answers = ['93.184.215.14', '127.0.0.1', '127.0.0.1']
    let asked = 0
    const given = new AbortController()
    const rebinding: Resolve = async () => {
      const address = answers[asked++] ?? '127.0.0.1'
      // Cut off between the answer and the connection: a test connects to nothing outside.
      if (asked === 1) given.abort()
      return [{ address, family: 4 }]
    }
    const send = sender([], rebinding)
    const delivery = claimedDelivery(`https://rebinding.example:${canary.port}/`)
    expect(await send(delivery, given.signal)).toMatchObject({ ok: false })
    expect(asked).toBe(1)
    expect(await send(delivery)).toEqual({ ok: false, error: 'the name leads to a private address' })
    // Asked once per connection: there is no second answer to slip in.
    expect(asked).toBe(2)
    expect(canary.connections).toBe(0)
  })

  it('the addresses that were checked are the ones connected to', async () => {
    const one = [{ address: '93.184.215.14', family: 4 }]
    const look = createLookup(async () => one, { allowPrivate: false })
    await new Promise<void>((done) =>
      look('name.example', { all: true }, (error, addresses) => {
        expect([error, addresses]).toEqual([null, one])
        done()
      }),
    )
    await new Promise<void>((done) =>
      look('name.example', {}, (error, address, family) => {
        expect([error, address, family]).toEqual([null, '93.184.215.14', 4])
        done()
      }),
    )
  })

  it.each([301, 302, 303, 307, 308])('not after a redirect with %i', async (status) => {
    const receiver = new Receiver()
    await receiver.listen()
    receiver.answer = answering(status, { Location: `${canary.origin}/inside` })
    // Even where the target of the redirect is one that webhooks may lead to.
    const sent = await sender(['127.0.0.1'])(claimedDelivery(`${receiver.origin}/hook`))
    await receiver.die()
    expect(sent).toEqual({ ok: false, error: `answered ${status}` })
    expect(canary.connections).toBe(0)
  })

  it('to private hosts that are allowed by name, over http: too', async () => {
    const send = sender(['127.0.0.1', 'sub.localhost'])
    const toHost = (host: string): Promise<SendResult> => send(claimedDelivery(`http://${host}:${canary.port}/hook`))
    expect(await toHost('127.0.0.1')).toEqual({ ok: true })
    expect(await toHost('0x7f.1')).toEqual({ ok: true })
    expect(await toHost('sub.localhost')).toEqual({ ok: true })
    expect(await toHost('localhost')).toMatchObject({ ok: false })
    expect(await toHost('127.0.0.2')).toMatchObject({ ok: false })
    expect(canary.received).toHaveLength(3)
  })

  it('a name without address is an attempt that failed', async () => {
    const send = sender([], async () => [])
    expect(await send(claimedDelivery('https://nowhere.example/'))).toEqual({ ok: false, error: 'failed: ENOTFOUND' })
  })
})

describe('public addresses', () => {
  it.each([
    '1.1.1.1',
    '93.184.215.14',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '223.255.255.255',
  ])('%s is one', (address) => expect(isPublicAddress(address)).toBe(true))
  it.each(['2606:4700:4700::1111', '2a00:1450::1', '2001:4860:4860::8888', '64:ff9b::1.1.1.1', '64:ff9b::808:808'])(
    '%s is one',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )
  it.each(['', 'localhost', '127.1', '1.2.3', '0x7f.0.0.1', '[::1]', 'fe80::1%eth0', '2606:4700::1%lo'])(
    '%j is no address, or none that is known to be public',
    (text) => expect(isPublicAddress(text)).toBe(false),
  )
})

describe('a webhook URL', () => {
  const none = parseAllowedPrivateHosts([])
  const refusal = (url: string, allowed = none) => {
    try {
      parseWebhookUrl(url, allowed)
      return null
    } catch (error) {
      return error
    }
  }

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'gopher://127.0.0.1:70/_x',
    'unix:/var/run/docker.sock',
    'https://',
    'https:///',
    '//example.com/',
    'example.com',
    '',
    'https://user:secret@example.com/',
    'https://user@example.com/',
    'https://exa mple.com/',
    `https://example.com/${'a'.repeat(2048)}`,
  ])('refuses %s', (url) => {
    expect(refusal(url)).toMatchObject({ code: 'INVALID_REQUEST', detail: { field: 'url' } })
    expect(String(refusal(url))).not.toContain('secret@')
  })

  it('takes https, with a port, a path and a query', () => {
    expect(refusal('https://example.com:8443/hooks?of=ours')).toBeNull()
  })

  it('allows private hosts in every spelling of theirs, and nothing else over http', () => {
    const allowed = parseAllowedPrivateHosts(['127.0.0.1', '::1', '[fd00::7]', 'CRM.internal'])
    for (const host of ['127.1', '[0::1]', '[fd00:0::7]', 'crm.INTERNAL', 'crm.internal:8080']) {
      expect(refusal(`http://${host}/`, allowed)).toBeNull()
    }
    expect(refusal('http://example.com/', allowed)).not.toBeNull()
    expect(refusal('http://crm.internal.example.com/', allowed)).not.toBeNull()
    expect(refusal('ftp://crm.internal/', allowed)).not.toBeNull()
  })

  it.each(['', 'crm:8080', 'http://crm', 'crm/path', 'user@crm', '[::1]:80', 'a b', 'crm\\x', '1.2.3.4.5'])(
    'refuses %j as an allowed host',
    (host) => expect(() => parseAllowedPrivateHosts([host])).toThrow(TypeError),
  )
})
