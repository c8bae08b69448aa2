import { describe, expect, it } from 'vitest'
import { importLicense } from './actions'
import { createApp, serveApps } from './authtool-app'
import { A, B, expectLimited, fixture, guess, newKey, start, statuses, validate } from './limited-service'

const at = (address: string) => ({ headers: { 'X-Forwarded-For': address } })

describe("limits of AuthTool's client API", () => {
  it('count unknown devices and keys as wrong keys, per address, together with those of the other families', async () => {
    await start({ wrongKeysPerAddress: 3 })
    await serveApps(fixture)
    const app = createApp(fixture)
    const weak = 'WEAK-1'
    await importLicense(fixture, weak)
    const strong = await newKey()
    expect((await app.login('logged-in', strong, at(B))).status).toBe(200)

    expect((await app.check('unknown', at(A))).status).toBe(404)
    expect((await app.login('device', guess(1), at(A))).status).toBe(404)
    expect((await validate(A, guess(2))).status).toBe(404)
    for (const answer of [
      await app.check('logged-in', at(A)),
      await app.check('unknown', at(A)),
      await app.login('device', guess(3), at(A)),
      await app.login('device', weak, at(A)),
    ]) {
      expectLimited({ ...answer, body: answer.said }, 'authtool')
    }
    // Whoever has a key that nobody guesses has not guessed it.
    expect((await app.login('device', strong, at(A))).status).toBe(200)
    expect((await app.check('logged-in', at(B))).status).toBe(200)
  })

  it('count unknown package tokens per address', async () => {
    await start({ unauthenticatedPerAddress: 2 })
    await serveApps(fixture)
    const app = createApp(fixture)
    const wrong = () => app.package({ ...at(A), body: { token: 'wrong' } })
    const seen = [await wrong(), await wrong(), await wrong()].map(({ status }) => status)
    expect(seen).toEqual([404, 404, 429])
    expect((await app.package(at(A))).status).toBe(200)
  })

  it('are those of a publishable token, by package and address', async () => {
    await start({ perPublishableTokenAndAddress: 2 })
    await serveApps(fixture)
    const app = createApp(fixture)
    const seen = [await app.package(at(A)), await app.package(at(A)), await app.package(at(A))]
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 429])
    expect((await app.package(at(B))).status).toBe(200)
    expect((await validate(A, await newKey())).status).toBe(200)
  })

  it('bound what strangers have us keep, and refuse nothing to whoever has a slot', async () => {
    await start({ changesPerAddress: 2 })
    await serveApps(fixture)
    const app = createApp(fixture)
    const key = await newKey()
    const login = async (index: number) => {
      const { status, said, headers } = await app.login(`device-${index}`, key, at(A))
      return { status, body: said, headers }
    }
    expect(await statuses(4, login)).toEqual([200, 200, 429, 429])
    expect((await login(0)).status).toBe(200)
    expect((await app.login('device-9', key, at(B))).status).toBe(200)
  })
})
