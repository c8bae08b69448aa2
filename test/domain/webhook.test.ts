import { describe, expect, it } from 'vitest'
import type { EventType } from '../../src/domain/event'
import { deliveryId, type WebhookEndpoint, wantsEvent } from '../../src/domain/webhook'

const ENDPOINT: WebhookEndpoint = {
  id: 'hook_1',
  accountId: 'acct_1',
  url: 'https://example.com/hooks',
  eventTypes: null,
  envelope: 'keyslot',
  secrets: [],
  active: true,
  createdAt: new Date('2026-03-01T12:00:00.000Z'),
  failingSince: null,
  disabledReason: null,
}

describe('wantsEvent', () => {
  it.each<[string, Partial<WebhookEndpoint>, EventType, boolean]>([
    ['all types', {}, 'license.created', true],
    ['a type it names', { eventTypes: ['license.reset', 'license.created'] }, 'license.created', true],
    ['a type it does not name', { eventTypes: ['license.reset'] }, 'license.created', false],
    ['no types', { eventTypes: [] }, 'license.created', false],
    ['anything, while it is inactive', { active: false }, 'license.created', false],
  ])('%s', (_name, changes, type, expected) => {
    expect(wantsEvent({ ...ENDPOINT, ...changes }, type)).toBe(expected)
  })
})

describe('deliveryId', () => {
  it('is one per event and endpoint', () => {
    const events = [{ id: 'evt_1' }, { id: 'evt_2' }]
    const endpoints = [{ id: 'hook_1' }, { id: 'hook_2' }]
    const ids = events.flatMap((event) => endpoints.map((endpoint) => deliveryId(event, endpoint)))
    expect(ids).toEqual(['evt_1.hook_1', 'evt_1.hook_2', 'evt_2.hook_1', 'evt_2.hook_2'])
  })
})
