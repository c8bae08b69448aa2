import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROPERTY_NAMES } from '../hostile-json'
import { STORAGES } from './api/storages'
import { PLAIN_MOUNT } from './http/actions'
import { type Fixture, startFixture } from './http/harness'
import { ALL_ROUTES } from './http/requests'

const SEGMENTS = [
  ...PROPERTY_NAMES,
  ...['%00', 'a%00b', '%ff', '%', '%ED%A0%80', '%F0%9F%92%A9', '..%2f..', '%2e%2e', '%20', '%0d%0a', "'--", '{key}'],
  'x'.repeat(4000),
]

describe.each(Object.keys(STORAGES))('paths that name nothing there can be, on %s', (name) => {
  let fixture: Fixture
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    fixture = await startFixture(PLAIN_MOUNT, { storage: made.storage })
  })
  afterAll(async () => {
    await fixture.close()
    await drop?.()
  })

  it.each(ALL_ROUTES.filter(({ route }) => route.path.includes('{')))('are no failure of $title', async ({ route }) => {
    for (const segment of SEGMENTS) {
      const path = route.path.replace(/\{\w+\}/, segment)
      const headers = { 'X-API-Key': fixture.secret, 'Content-Type': 'application/json' }
      const body = route.input === 'body' ? { body: '{"status":0}' } : {}
      const { status } = await fetch(fixture.url + path, { method: route.method, headers, ...body })
      expect([400, 403, 404, 422], `${path.slice(0, 100)}: ${status}`).toContain(status)
    }
    expect(fixture.logged).toEqual([])
  })
})
