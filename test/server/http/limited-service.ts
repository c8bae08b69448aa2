import type { LicensingOptions } from 'keyslot/server'
import { afterEach, expect } from 'vitest'
import { behind, named } from './actions'
import { type Fixture, type Mount, send, startFixture, type WireAnswer, type WireRequest } from './harness'

export const DIRECT: Mount = {
  name: 'direct',
  path: '/licensing',
  mount: (app, { router }) => app.use('/licensing', router),
}

/** The one of the test under way. */
export let fixture: Fixture
afterEach(() => fixture.close())

export const start = async (
  rateLimits: LicensingOptions['rateLimits'],
  more: Partial<LicensingOptions> = {},
  mount = behind(1),
) => {
  fixture = await startFixture(mount, { ...(rateLimits !== undefined && { rateLimits }), ...more })
}
export const from = (address: string, method: string, path: string, request: WireRequest = {}) =>
  send(fixture.url, method, path, { ...request, headers: { 'X-Forwarded-For': address, ...request.headers } })

export const validate = (address: string, licenseKey: string, token = fixture.publishable) =>
  from(address, 'POST', '/key/validate', { token, body: named(fixture, licenseKey, { hostId: 'host' }) })
export const detail = (address: string, licenseKey: string, token = fixture.secret) =>
  from(address, 'GET', `/public/v1/key/${licenseKey}/detail`, { token })
export const statuses = async (count: number, ask: (index: number) => Promise<WireAnswer>) => {
  const seen = []
  for (let index = 0; index < count; index++) seen.push((await ask(index)).status)
  return seen
}
export const newKey = async () => (await fixture.licensing.licenses.create({ productId: fixture.productId })).key
/** Unknown, and different each time. */
export const guess = (index: number) => `GUESS-${String(index).padStart(5, '0')}-BBBBB-CCCCC`

export const A = '198.51.100.1'
export const B = '198.51.100.2'

/** A refusal by a limit, in the shape of families A, B and D, or of AuthTool. */
export function expectLimited(answer: WireAnswer, family: 'keymint' | 'authtool' = 'keymint'): void {
  const message = expect.any(String)
  expect(answer.status).toBe(429)
  expect(answer.body).toEqual(family === 'authtool' ? { message } : { message, code: 3 })
  const retryAfter = answer.headers.get('retry-after') ?? ''
  expect(retryAfter).toMatch(/^\d+$/)
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
  expect(Number(retryAfter)).toBeLessThanOrEqual(60)
}
