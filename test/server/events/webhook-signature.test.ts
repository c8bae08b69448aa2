import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderWebhookEvent } from '../../../src/server/events/webhook-event'
import { signWebhook, verifyWebhook } from '../../../src/server/events/webhook-signature'
import { after as later, NOW } from '../../storage/verbs/kit/entities'
import { EVENT } from './deliveries'

const BODY = renderWebhookEvent(EVENT)
const secret = (name: string, expiresAt: Date | null = null) => ({ secret: `whsec_${name}`, createdAt: NOW, expiresAt })
const sign = (...secrets: ReturnType<typeof secret>[]) => signWebhook(BODY, secrets, NOW) ?? ''

describe('signing a webhook', () => {
  it('is HMAC-SHA256 of time, dot and raw body, in hex', () => {
    const t = Math.floor(NOW.getTime() / 1000)
    const v1 = createHmac('sha256', 'whsec_a').update(`${t}.${BODY}`, 'utf8').digest('hex')
    expect(sign(secret('a'))).toBe(`t=${t},v1=${v1}`)
  })

  it('gives a v1 for each secret that has not ended', () => {
    const secrets = [secret('new'), secret('old', later(1)), secret('ended', NOW), secret('long ago', later(-1))]
    expect(sign(...secrets).match(/v1=/g)).toHaveLength(2)
    expect(signWebhook(BODY, [secret('ended', NOW)], NOW)).toBeNull()
  })
})

describe('verifying a webhook', () => {
  const verify = (header: string | string[] | undefined, body: string | Uint8Array = BODY, name = 'a', now = NOW) =>
    verifyWebhook(body, header, `whsec_${name}`, { now })
  const refused = expect.objectContaining({ code: 'INVALID_WEBHOOK_SIGNATURE' })

  it('gives the event, from text or bytes', () => {
    const { id, type, accountId, licenseId, data } = EVENT
    const event = { id, type, createdAt: NOW, accountId, licenseId, data }
    expect(verify(sign(secret('a')))).toEqual(event)
    expect(verify([sign(secret('a'))], Buffer.from(BODY))).toEqual(event)
    expect(verify(sign(secret('a')), new Uint8Array(Buffer.from(BODY)))).toEqual(event)
  })

  it('goes by the system’s clock where no other is given', () => {
    const header = signWebhook(BODY, [secret('a')], new Date()) ?? ''
    expect(verifyWebhook(BODY, header, 'whsec_a').id).toBe(EVENT.id)
    expect(() => verifyWebhook(BODY, sign(secret('a')), 'whsec_a')).toThrow(refused)
    expect(() => verifyWebhook(BODY, header, 'whsec_a', { toleranceSecond: 3 } as object)).toThrow(
      'mean toleranceSeconds?',
    )
  })

  it('takes any of several signatures while a secret rotates', () => {
    const header = sign(secret('new'), secret('old', later(1000)))
    expect(verify(header, BODY, 'new').id).toBe(EVENT.id)
    expect(verify(header, BODY, 'old').id).toBe(EVENT.id)
    expect(() => verify(header, BODY, 'other')).toThrow(refused)
  })

  it('refuses what was signed over 300 seconds ago, or ahead', () => {
    const signedAt = Math.floor(NOW.getTime() / 1000) * 1000
    const at = (seconds: number) => new Date(signedAt + seconds * 1000)
    const header = sign(secret('a'))
    expect(verify(header, BODY, 'a', at(300)).id).toBe(EVENT.id)
    expect(verify(header, BODY, 'a', at(-300)).id).toBe(EVENT.id)
    expect(() => verify(header, BODY, 'a', at(301))).toThrow(refused)
    expect(() => verify(header, BODY, 'a', at(-301))).toThrow(refused)
    const options = { now: at(301), toleranceSeconds: 301 }
    expect(verifyWebhook(BODY, header, 'whsec_a', options).id).toBe(EVENT.id)
    expect(() => verify(header, BODY, 'a', new Date(Number.NaN))).toThrow(refused)
  })

  it('refuses a changed body or time', () => {
    const header = sign(secret('a'))
    expect(() => verify(header, BODY.replace('evt_one', 'evt_two'))).toThrow(refused)
    expect(() => verify(header.replace(/t=\d+/, 't=1'), BODY)).toThrow(refused)
    expect(() => verify(header.replace('t=', 't=0'), BODY)).toThrow(refused)
  })

  it.each([
    ['missing', undefined],
    ['an empty list', []],
    ['empty', ''],
    ['without time', `v1=${'a'.repeat(64)}`],
    ['without signature', 't=1'],
    ['with a short signature', 't=1,v1=ab'],
    ['with a signature that is no hex', `t=1,v1=${'g'.repeat(64)}`],
    ['with a time that is no number', `t=1e9,v1=${'a'.repeat(64)}`],
    ['of another scheme', `t=1,v0=${'a'.repeat(64)}`],
  ])('refuses a header that is %s', (_, header) => {
    expect(() => verify(header)).toThrow(refused)
  })

  it('refuses what was signed but is no event', () => {
    for (const body of ['', 'no JSON', 'null', '[]', '{"id":1}']) {
      const header = signWebhook(body, [secret('a')], NOW) ?? ''
      expect(() => verify(header, body)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
    }
  })

  it('throws on use that would accept forgeries, or a parsed body', () => {
    const header = sign(secret('a'))
    expect(() => verifyWebhook(BODY, header, '', { now: NOW })).toThrow(TypeError)
    expect(() => verifyWebhook(BODY, header, 'x', { now: NOW, toleranceSeconds: Number.NaN })).toThrow(TypeError)
    expect(() => verify(header, JSON.parse(BODY))).toThrow(/rawBody must be the body as it was received/)
  })

  it('says nothing of the secret', () => {
    expect(() => verify(sign(secret('other')))).toThrow(expect.not.objectContaining({ message: /whsec/ }))
  })
})
