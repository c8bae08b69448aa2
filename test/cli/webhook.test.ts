import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '../../src/server/index'
import { answering, createReceivers } from '../server/events/receiver'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchStore } from './scratch-folder'

interface WebhookJson {
  readonly id: string
  readonly secret: string
}

interface PageJson<T> {
  readonly total: number
  readonly items: readonly T[]
}

interface DeliveryJson {
  readonly id: string
  readonly status: string
  readonly event: { readonly type: string }
}

const start = createReceivers()
const PRIVATE = ['--allow-private-webhook', '127.0.0.1']

async function storeWithProduct(): Promise<readonly string[]> {
  const { args } = scratchStore()
  await keyslotJson('product', 'create', ...args, 'Editor')
  return args
}

describe('keyslot webhook', () => {
  it('shows a secret only where it is made', async () => {
    const store = await storeWithProduct()
    const create = ['webhook', 'create', 'https://shop.example/hooks', ...store]
    const options = ['--events', 'license.created,license.deleted', '--envelope', 'keymint']
    const made = await keyslotJson<WebhookJson>(...create, ...options)
    expect(made).toMatchObject({ url: 'https://shop.example/hooks', active: true, envelope: 'keymint' })
    expect(made.secret).toMatch(/^whsec_\S{32,}$/)
    expect(made).not.toHaveProperty('secrets')

    const rotated = await keyslot('webhook', 'rotate-secret', ...store, made.id)
    const [, fresh = ''] = /^Secret +(whsec_\S+)$/m.exec(rotated.stdout) ?? []
    expect(fresh).toMatch(/^whsec_/)
    expect(fresh).not.toBe(made.secret)
    expect(rotated.stdout).toContain('24 hours')

    const outputs = await Promise.all([
      keyslot('webhook', 'list', ...store),
      keyslot('webhook', 'list', ...store, '--json'),
      keyslot(
        'webhook',
        'update',
        ...store,
        made.id,
        '--events',
        'all',
        '--deactivate',
        '--envelope',
        'keyslot',
        '--json',
      ),
      keyslot('events', 'list', ...store, '--json'),
    ])
    for (const { code, stdout } of outputs) {
      expect(code).toBe(0)
      expect(stdout).not.toMatch(/whsec_|"secret"/)
    }
    expect(outputs[0].stdout).toMatch(new RegExp(`^${made.id} +(in)?active +https://shop\\.example/hooks `, 'm'))
    expect(JSON.parse(outputs[2].stdout)).toMatchObject({
      id: made.id,
      active: false,
      eventTypes: null,
      envelope: 'keyslot',
    })

    const gone = await keyslot('webhook', 'delete', ...store, made.id, '--yes')
    expect(gone).toEqual({ code: 0, stdout: `${made.id} is deleted.\n`, stderr: '' })
    expect((await keyslot('webhook', 'list', ...store)).stdout).toBe('There are none.\n')
  })

  it('leaves events where they are until told to deliver, and delivers again', async () => {
    const store = await storeWithProduct()
    const receiver = await start()
    const create = ['webhook', 'create', `${receiver.origin}/in`, ...store, ...PRIVATE, '--events', 'license.created']
    const { id, secret } = await keyslotJson<WebhookJson>(...create)
    const { key } = await keyslotJson<{ key: string }>('license', 'create', ...store)
    expect(receiver.connections).toBe(0)
    const deliveries = ['webhook', 'deliveries', ...store, '--webhook', id]
    const waiting = await keyslotJson<PageJson<DeliveryJson>>(...deliveries)
    expect(waiting).toMatchObject({
      total: 1,
      items: [{ webhookId: id, status: 'pending', attempts: 0, event: { type: 'license.created' } }],
    })

    // A private address is none of its business unless it is allowed, now as when the webhook was made.
    receiver.answer = answering(500)
    expect(await keyslotJson('webhook', 'deliver', ...store)).toEqual({ delivered: 0, failed: 1, dead: 0 })
    expect(receiver.connections).toBe(0)

    receiver.answer = answering(204)
    const deliveryId = waiting.items[0]?.id ?? ''
    expect(await keyslotJson('webhook', 'redeliver', ...store, deliveryId)).toEqual({ id: deliveryId, queued: true })
    const delivered = await keyslot('webhook', 'deliver', ...store, ...PRIVATE)
    expect(delivered).toEqual({ code: 0, stdout: '1 delivered, 0 to be tried again, 0 given up.\n', stderr: '' })
    const [received] = receiver.received
    const event = verifyWebhook(received?.rawBody ?? '', received?.headers['keymint-signature'], secret, {
      now: new Date(),
    })
    expect(event.type).toBe('license.created')
    expect(received?.rawBody).not.toContain(key)

    expect((await keyslot(...deliveries, '--status', 'delivered')).stdout).toMatch(
      new RegExp(`^${deliveryId} +license\\.created +\\S+ \\S+ +delivered +1 +- +-$`, 'm'),
    )
    expect(await keyslotJson(...deliveries, '--status', 'dead')).toEqual({ total: 0, items: [] })
  })

  it('says in one line what is wrong', async () => {
    const store = await storeWithProduct()
    const faults: readonly (readonly [readonly string[], string])[] = [
      [['create', 'http://shop.example/hooks'], "The webhook's url must start with https:"],
      [['create', 'https://127.0.0.1/hooks'], "The webhook's url leads to a private address"],
      [
        ['create', 'https://shop.example/hooks', '--events', 'license.sold'],
        'eventTypes.0: there are no events of type license.sold',
      ],
      [['update', 'wh_none', '--activate'], 'There is no such webhook'],
      [
        ['redeliver', 'evt_none.wh_none'],
        'There is no such delivery; keyslot webhook deliveries shows those there are, with their ids',
      ],
    ]
    const run = async ([args, why]: (typeof faults)[number]) => {
      const result = await keyslot('webhook', ...args, ...store)
      expect(result).toEqual({ code: 1, stdout: '', stderr: `keyslot: ${why}\n` })
    }
    await Promise.all(faults.map(run))
  })
})

describe('keyslot events list', () => {
  it('tells what happened, in order, of everything or of one license', async () => {
    const store = await storeWithProduct()
    const { key } = await keyslotJson<{ key: string }>('license', 'create', ...store)
    await keyslotJson('license', 'create', ...store)
    await keyslotJson('license', 'block', ...store, key)

    const all = await keyslot('events', 'list', ...store)
    expect(all.stdout).not.toContain(key)
    const types = [...all.stdout.matchAll(/Z +(\S+) +api /g)].map(([, type]) => type)
    expect(types).toEqual(['product.created', 'license.created', 'license.created', 'license.blocked'])
    const ofOne = await keyslotJson<PageJson<{ type: string }>>('events', 'list', ...store, '--license', key)
    expect(ofOne.items.map(({ type }) => type)).toEqual(['license.created', 'license.blocked'])
  })
})
