import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PLAIN_MOUNT, UNKNOWN_KEY } from './actions'
import { type FaultyStorage, faultyStorage } from './faulty-storage'
import { type Fixture, send, startFixture } from './harness'

const HOUR_MS = 3_600_000

describe('the use of access tokens', () => {
  let faults: FaultyStorage
  let fixture: Fixture
  let uptime: number

  beforeEach(async () => {
    faults = faultyStorage()
    uptime = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => uptime)
    fixture = await startFixture(PLAIN_MOUNT, { storage: faults.storage })
  })
  afterEach(async () => {
    faults.heal()
    await fixture.close()
    vi.restoreAllMocks()
  })

  const pass = (ms: number) => {
    uptime += ms
    fixture.clock.now = new Date(fixture.clock.now.getTime() + ms)
  }
  const newToken = () =>
    fixture.licensing.accessTokens.create({ name: 'leaked', kind: 'secret', scopes: ['licenses:read'] })
  const use = async (token: string, times = 1) => {
    const path = `/key?productId=${fixture.productId}&licenseKey=${UNKNOWN_KEY}`
    for (let time = 0; time < times; time++) await send(fixture.url, 'GET', path, { token })
  }
  const stored = async (id: string) => {
    const { items } = await fixture.licensing.accessTokens.list({ limit: 100 })
    return items.find((one) => one.id === id)
  }
  const told = async () => {
    const { items } = await fixture.licensing.events.list({}, { limit: 100 })
    return items.filter(({ type }) => type === 'access-token.revoked-used')
  }

  it('is written down at most every hour', async () => {
    const { token, accessToken } = await newToken()
    expect(accessToken.lastUsedAt).toBeNull()
    const first = fixture.clock.now
    await use(token, 3)
    await vi.waitFor(async () => expect((await stored(accessToken.id))?.lastUsedAt).toEqual(first))
    pass(HOUR_MS - 1)
    await use(token)
    expect((await stored(accessToken.id))?.lastUsedAt).toEqual(first)
    pass(1)
    await use(token)
    await vi.waitFor(async () => expect((await stored(accessToken.id))?.lastUsedAt).toEqual(fixture.clock.now))
    expect(await told()).toEqual([])
  })

  it('once revoked, is counted and told of at most every hour', async () => {
    const { token, accessToken } = await newToken()
    await fixture.licensing.accessTokens.revoke(accessToken.id)
    await use(token, 5)
    await vi.waitFor(async () =>
      expect(await told()).toMatchObject([
        { actor: { id: accessToken.id, address: null }, data: { tokenId: accessToken.id, calls: 1 } },
      ]),
    )
    pass(HOUR_MS)
    await use(token)
    await vi.waitFor(async () => expect((await told()).map(({ data }) => data.calls).toSorted()).toEqual([1, 5]))
    expect((await stored(accessToken.id))?.refusedAt).toEqual(fixture.clock.now)
  })

  it('of one that nobody knows is nobody`s', async () => {
    await use(`at_${'a'.repeat(49)}`)
    expect(await told()).toEqual([])
  })

  it('holds up no request, and fails none, where it cannot be written', async () => {
    const { token } = await newToken()
    const path = `/key?productId=${fixture.productId}&licenseKey=${UNKNOWN_KEY}`
    faults.breakWrites('access_tokens', () => Promise.reject(new Error('broken')))
    expect((await send(fixture.url, 'GET', path, { token })).status).toBe(404)
  })
})
