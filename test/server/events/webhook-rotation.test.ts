import { describe, expect, it } from 'vitest'
import { MAX_ENDPOINTS } from '../../../src/domain/webhook'
import { signWebhook } from '../../../src/server/events/webhook-signature'
import { createKeyring, createLicensing } from '../../../src/server/index'
import { createEngines, ENGINES } from './engines'

const open = createEngines()
const AT_ONCE = 20

describe.each(ENGINES)('at once, on %s', (engine) => {
  const service = async (kept = open(engine)) => {
    const { storage } = await kept
    const logger = { warn: () => undefined, error: () => undefined }
    return createLicensing({ storage, keyring: createKeyring(new Date()), adoptNewKeyring: true, logger })
  }

  it.each([2, AT_ONCE])('of %i rotations each secret that is shown signs for a day', async (rotations) => {
    const licensing = await service()
    const { id, secrets: first } = await licensing.webhooks.create({ url: 'https://shop.example/hooks', active: false })
    const results = await Promise.allSettled(
      Array.from({ length: rotations }, () => licensing.webhooks.rotateSecret(id)),
    )
    const shown = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value.secrets[0]?.secret ?? ''] : []))
    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const [stored] = (await licensing.webhooks.list({ limit: 1 })).items
    await licensing.close()

    const soon = new Date(Date.now() + 23 * 3_600_000)
    const signs = (secret: string) => {
      const own = signWebhook('body', [{ secret, createdAt: soon, expiresAt: null }], soon)?.split(',')[1] ?? ''
      return signWebhook('body', stored?.secrets ?? [], soon)?.includes(own) === true
    }
    expect(shown.filter((secret) => !signs(secret))).toEqual([])
    expect(signs(first[0]?.secret ?? '')).toBe(true)
    expect(shown).toHaveLength(Math.min(rotations, 9))
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED', detail: { retryAfterSeconds: expect.any(Number) } })
    }
  })

  it('no more webhooks are made than an account may have', async () => {
    const kept = open(engine)
    const licensing = await service(kept)
    const create = () => licensing.webhooks.create({ url: 'https://shop.example/hooks', active: false })
    const results = await Promise.allSettled(Array.from({ length: MAX_ENDPOINTS + 10 }, create))
    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused).toHaveLength(10)
    for (const error of refused) expect(error).toMatchObject({ code: 'INVALID_REQUEST' })
    expect((await licensing.webhooks.list({ limit: 1 })).total).toBe(MAX_ENDPOINTS)
    await licensing.close()
  })
})
