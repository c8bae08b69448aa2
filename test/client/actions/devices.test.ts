import { describe, expect, it } from 'vitest'
import { createDesk } from '../desk'
import { DAY, HOST_ID, LICENSE_KEY, NOW, PRODUCT_ID } from '../token-factory'

const DEVICE = {
  device: 'act_1',
  deviceTag: 'Studio',
  activatedAt: NOW.toISOString(),
  lastSeenAt: NOW.toISOString(),
  thisDevice: true,
  resting: false,
  users: [{ user: 'usr_1', since: NOW.toISOString(), lastSeenAt: NOW.toISOString(), thisUser: true }],
}
const LISTED = {
  ...DEVICE,
  activatedAt: NOW,
  lastSeenAt: NOW,
  users: [{ user: 'usr_1', since: NOW, lastSeenAt: NOW, thisUser: true }],
}
const ANSWER = { code: 0, maxActivations: null, activations: 1, devices: [DEVICE] }

/** A desk whose server answers every request so. */
async function answering(body: object, status = 200, headers: Record<string, string> = {}) {
  const desk = await createDesk()
  desk.server.fault = (response) => response.writeHead(status, headers).end(JSON.stringify(body)) !== undefined
  return { ...desk, kit: desk.start() }
}

describe('devices', () => {
  it('asks for the key given or the one stored, naming this host', async () => {
    const { kit, server } = await answering(ANSWER)
    const listed = { maxActivations: null, activations: 1, devices: [LISTED] }
    expect(await kit.devices(` ${LICENSE_KEY} `)).toEqual(listed)
    server.fault = undefined
    await kit.activate(LICENSE_KEY)
    server.fault = (response) => response.writeHead(200).end(JSON.stringify(ANSWER)) !== undefined
    expect(await kit.devices()).toEqual(listed)
    const asked = server.requests.filter(({ path }) => path === '/licensing/key/devices')
    expect(asked.map(({ body }) => body)).toEqual(
      Array(2).fill({ productId: PRODUCT_ID, licenseKey: LICENSE_KEY, hostId: HOST_ID }),
    )
    for (const { headers } of asked) {
      // With the key of the stored license, or any where there is none: a product may ask for one.
      expect(headers).toHaveProperty('dpop')
      expect(headers).not.toHaveProperty('idempotency-key')
    }
  })

  it.each<[string, object]>([
    ['no list', { ...ANSWER, devices: undefined }],
    ['no count', { ...ANSWER, activations: '1' }],
    ['no limit', { ...ANSWER, maxActivations: 'none' }],
    ['a device that is none', { ...ANSWER, devices: [DEVICE, 7] }],
    ['a device without a name', { ...ANSWER, devices: [{ ...DEVICE, device: undefined }] }],
    ['a tag that is none', { ...ANSWER, devices: [{ ...DEVICE, deviceTag: 7 }] }],
    ['a user that is none', { ...ANSWER, devices: [{ ...DEVICE, users: [{ user: 7 }] }] }],
    ['a time that is none', { ...ANSWER, devices: [{ ...DEVICE, lastSeenAt: 'lately' }] }],
  ])('takes an answer with %s for no answer of the license server', async (_, body) => {
    const { kit } = await answering(body)
    await expect(kit.devices(LICENSE_KEY)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })
  })

  it('takes a device of a server that lists no users', async () => {
    const { kit } = await answering({ ...ANSWER, devices: [{ ...DEVICE, users: undefined }] })
    expect((await kit.devices(LICENSE_KEY)).devices).toEqual([{ ...LISTED, users: [] }])
  })

  it('refuses what is no license key, before it asks', async () => {
    const { kit, server } = await answering(ANSWER)
    await expect(kit.devices(7 as never)).rejects.toThrow(TypeError)
    await expect(kit.devices(' ')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await expect(kit.devices()).rejects.toMatchObject({
      code: 'NOT_ACTIVATED',
      message: 'No license is activated on this computer.',
    })
    expect(server.requests).toEqual([])
  })
})

describe('freeDevice', () => {
  it('names the device, once however often it is tried', async () => {
    const { server, start } = await createDesk()
    let tries = 0
    server.fault = (response) => response.writeHead(++tries < 3 ? 503 : 200).end('{"code":0}') !== undefined
    expect(await start({ maxTries: 3 }).freeDevice('act_1', LICENSE_KEY)).toBeUndefined()
    expect(server.requests.map(({ path, body }) => ({ path, body }))).toEqual(
      Array(3).fill({
        path: '/licensing/key/devices/free',
        body: { productId: PRODUCT_ID, licenseKey: LICENSE_KEY, device: 'act_1' },
      }),
    )
    const keys = new Set(server.requests.map(({ headers }) => headers['idempotency-key']))
    expect([...keys]).toEqual([expect.stringMatching(/^[\w-]{36}$/)])
  })

  it('says which device it was not, and until when nothing can be freed', async () => {
    const missing = await answering({ message: 'Device not found', code: 1 }, 404, {
      'keyslot-error': 'ACTIVATION_NOT_FOUND',
    })
    await expect(missing.kit.freeDevice('act_1', LICENSE_KEY)).rejects.toMatchObject({
      code: 'ACTIVATION_NOT_FOUND',
      message: 'The license is not in use on that device.',
    })
    const retryAfterSeconds = 3 * DAY
    const exhausted = await answering({ message: 'no', code: 3 }, 429, { 'retry-after': String(retryAfterSeconds) })
    await expect(exhausted.kit.freeDevice('act_1', LICENSE_KEY)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      detail: { retryAfterSeconds },
    })
    await expect(exhausted.kit.freeDevice(undefined as never)).rejects.toThrow(TypeError)
  })
})

describe('dropUser', () => {
  it('names device and user, by the key given', async () => {
    const { kit, server } = await answering({ code: 0 })
    expect(await kit.dropUser({ device: 'act_1', user: 'usr_1' }, LICENSE_KEY)).toBeUndefined()
    expect(server.requests.map(({ path, body }) => ({ path, body }))).toEqual([
      {
        path: '/licensing/key/devices/drop-user',
        body: { productId: PRODUCT_ID, licenseKey: LICENSE_KEY, device: 'act_1', user: 'usr_1' },
      },
    ])
    expect(server.requests[0]?.headers).toHaveProperty('dpop')
  })

  it('asks nobody where no user is named', async () => {
    const { kit, server } = await answering({ code: 0 })
    await expect(kit.dropUser({ device: 'act_1' } as never, LICENSE_KEY)).rejects.toThrow(TypeError)
    expect(server.requests).toEqual([])
  })
})
