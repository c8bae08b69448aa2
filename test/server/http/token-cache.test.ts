import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PLAIN_MOUNT, UNKNOWN_KEY } from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, send, startFixture } from './harness'

describe('the memory of access tokens', () => {
  const faults = faultyStorage()
  let fixture: Fixture

  beforeEach(async () => {
    fixture = await startFixture(PLAIN_MOUNT, { storage: faults.storage })
  })
  afterEach(() => fixture.close())

  const newToken = () =>
    fixture.licensing.accessTokens.create({ name: 'leaked', kind: 'secret', scopes: ['licenses:read'] })
  /** 401 where the token is refused, 404 where it is taken. */
  const statusWith = async (token: string) => {
    const path = `/key?productId=${fixture.productId}&licenseKey=${UNKNOWN_KEY}`
    return (await send(fixture.url, 'GET', path, { token })).status
  }

  it('forgets a revoked token at once, where it was being looked up before', async () => {
    const { token, accessToken } = await newToken()
    let hold = true
    let goOnReading: () => void = () => undefined
    const hasRead = new Promise<void>((arrive) => {
      faults.breakReads('access_tokens', async (goOn) => {
        const found = await goOn()
        if (!hold) return found
        hold = false
        const held = new Promise<void>((resolve) => {
          goOnReading = resolve
        })
        arrive()
        await held
        return found
      })
    })
    const underWay = statusWith(token)
    await hasRead
    await fixture.licensing.accessTokens.revoke(accessToken.id)
    goOnReading()
    const before = await underWay
    expect([before, await statusWith(token)]).toEqual([401, 401])
    faults.heal()
  })

  it.each([-3600, 3600])('runs out by elapsed time, where the clock steps by %i seconds', async (step) => {
    const { token, accessToken } = await newToken()
    expect(await statusWith(token)).toBe(404)
    // Another instance revokes it.
    await fixture.store.revokeAccessToken(fixture.licensing.accountId, accessToken.id, { now: fixture.clock.now })
    fixture.clock.now = new Date(fixture.clock.now.getTime() + step * 1000)
    const elapsed = performance.now()
    const uptime = vi.spyOn(performance, 'now').mockImplementation(() => elapsed + 4_000)
    try {
      expect(await statusWith(token)).toBe(404)
      uptime.mockImplementation(() => elapsed + 6_500)
      expect(await statusWith(token)).toBe(401)
    } finally {
      uptime.mockRestore()
    }
  })
})
