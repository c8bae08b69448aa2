import { createPublicKey, verify } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RevocationEntry, revocationId } from 'keyslot/protocol'
import { createKeyring, type Keyring } from 'keyslot/server'
import { beforeAll, describe, expect, it } from 'vitest'
import { signBridge } from '../../src/server/signing/server-statement'
import { keyslot, keyslotJson } from '../cli/keyslot-process'
import { scratchFolder } from '../cli/scratch-folder'
import { codeOf } from '../client/error-code'
import { DAY_MS, openPlace, startVendor } from './lost-server'

type Vendor = Awaited<ReturnType<typeof startVendor>>
type App = ReturnType<Vendor['createApp']>

/** The loss, to the second, since that is how a bridge says it. */
const LOST_AT = new Date(Math.floor(Date.now() / 1000) * 1000)
const DAYS = 10
const lossPlus = (days: number, seconds = 0) => new Date(LOST_AT.getTime() + days * DAY_MS + seconds * 1000)

const APPS = Array.from({ length: 10 }, (_, index) => `app-${index}`)

/** Tells whether an app may run at a time, when it was given a statement. */
type Judge = (app: App, statement: string, at: Date) => Promise<boolean>

/** The scene: whatever is asserted of a bridge is asked of these. */
interface Scene {
  readonly vendor: Vendor
  readonly apps: Record<string, App>
  /** The license token of each, at the loss. */
  readonly tokens: ReadonlyMap<string, string>
  /** A file with the revocation list that is left. */
  readonly list: string
}

/**
 * Ten apps activated four days before the loss, in grace by then; one was revoked since and has not heard of it; the token of
 * one had ended before the loss; the license of one ends two days after it; one has a trial that ends a day after it.
 */
async function loseServer(): Promise<Scene> {
  const vendor = await startVendor(lossPlus(-20))
  const { server, product, clock, createApp, createLicense } = vendor
  const apps: Record<string, App> = {}
  const activate = async (name: string, licenseKey?: string) => {
    const app = createApp(name)
    apps[name] = app
    if (licenseKey === undefined) await app.start().startTrial()
    else await app.start().activate(licenseKey)
  }
  await activate('ended', await createLicense())
  clock.now = lossPlus(-4)
  for (const name of APPS) await activate(name, await createLicense())
  await activate('ends-soon', await createLicense({ expiresAt: lossPlus(2) }))
  await activate('trial')
  const revoked = await createLicense()
  await activate('revoked', revoked)
  await server.licensing.licenses.block(revoked)
  const answer = await fetch(`${server.url}/.well-known/revocations/${product.id}.jws`)
  const list = join(scratchFolder(), 'revocations.jws')
  writeFileSync(list, await answer.text())
  server.close()
  const tokens = new Map(Object.values(apps).map((app) => [app.name, tokenOf(app)]))
  return { vendor, apps, tokens, list }
}

/** Turns the clock back at restart after restart, until the largest budget is spent. */
async function turnedBackOften({ clock }: Vendor, app: App | undefined, days: number) {
  for (let boot = 1; boot <= 43; boot++) {
    clock.now = lossPlus(days - boot / 100)
    await app?.start().check()
  }
  return await app?.start().check()
}

/** A bridge as the vendor makes it: with the command, of the keyring alone. */
async function bridge({ vendor, list }: Scene, ...options: string[]): Promise<string> {
  const out = join(scratchFolder(), 'statements.jws')
  const lost = ['--lost-at', LOST_AT.toISOString(), '--revocation-list', list, '--keys', vendor.keyringFile]
  await keyslotJson('keys', 'bridge', '--days', String(DAYS), ...lost, '--out', out, ...options)
  return readFileSync(out, 'utf8')
}

/** The kit, started anew for each question with a data folder that it has alone. */
const kitJudge =
  ({ vendor }: Scene): Judge =>
  async (app, statement, at) => {
    vendor.clock.now = at
    await app
      .start()
      .importStatement(statement)
      .catch(() => undefined)
    return (await app.start().check()).usable
  }

/** Who of all may run at each of these times, by name. */
async function verdicts({ apps }: Scene, judge: Judge, statement: string, times: readonly Date[]) {
  const found: string[][] = []
  for (const at of times) {
    const usable: string[] = []
    for (const app of Object.values(apps)) if (await judge(app, statement, at)) usable.push(app.name)
    found.push(usable.sort())
  }
  return found
}

const TIMES = [lossPlus(1.5), lossPlus(3), lossPlus(DAYS, -1), lossPlus(DAYS), lossPlus(DAYS + 1), lossPlus(60)]
const EXPECTED = [[...APPS, 'ends-soon'].sort(), APPS, APPS, [], [], []]

const part = (jws: string, index: number) =>
  JSON.parse(Buffer.from(jws.split('.')[index] ?? '', 'base64url').toString())

/** A build of its own that judges a bridge, and forgets one thing: what is asserted of the kit is asked of it too. */
function otherJudge({ vendor, tokens }: Scene, forgets: 'nothing' | 'signature' | 'end' | 'loss' | 'list'): Judge {
  const own = createPublicKey({ key: { ...vendor.keyring.current.publicJwk }, format: 'jwk' })
  return async ({ name }, statement, at) => {
    const [input = '', signature = ''] = statement.trim().split(/\.(?=[^.]*$)/)
    if (forgets !== 'signature' && !verify(null, Buffer.from(input), own, Buffer.from(signature, 'base64url')))
      return false
    const { lostAt, until, revocations = [] } = part(statement, 1)
    const { exp, lid, license } = part(tokens.get(name) ?? '', 1)
    const revoked = revocations.flatMap((list: string) => part(list, 1).entries.map(([id]: RevocationEntry) => id))
    if (forgets !== 'list' && revoked.includes(revocationId(lid))) return false
    const licenseEnd = license.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(license.expiresAt) / 1000
    const goodUntil = Math.min(exp + license.graceSeconds, licenseEnd)
    if (forgets !== 'loss' && lostAt >= goodUntil) return false
    const now = at.getTime() / 1000
    return now < licenseEnd && (forgets === 'end' || now < until)
  }
}

function alter(jws: string, changes: object): string {
  const [header, payload = '', signature] = jws.trim().split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const altered = Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url')
  return [header, altered, signature].join('.')
}

/** A bridge that somebody else signed. */
const strangers = (keyring: Keyring) =>
  signBridge(
    { keyring, issuer: 'keyslot', now: LOST_AT },
    { product: null, lostAt: LOST_AT, until: lossPlus(90), pastEnd: true, revocations: [] },
  )

describe('a server that is lost, with the keyring left', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await loseServer()
  })

  it('would end every license within days', async () => {
    const without = await verdicts(scene, kitJudge(scene), '', [lossPlus(1.5)])
    expect(without).toEqual([[]])
  })

  it('lets who was good then go on to the last day, and nobody else', async () => {
    const statement = await bridge(scene)
    expect(await verdicts(scene, kitJudge(scene), statement, TIMES)).toEqual(EXPECTED)
    const revoked = await scene.apps.revoked?.start().check()
    expect(revoked).toMatchObject({ status: 'revoked', reason: 'REVOKED', usable: false })
  })

  it('is a test that a careless build does not pass', async () => {
    const statement = await bridge(scene)
    expect(await verdicts(scene, otherJudge(scene, 'nothing'), statement, TIMES)).toEqual(EXPECTED)
    for (const forgets of ['end', 'loss', 'list'] as const) {
      expect(await verdicts(scene, otherJudge(scene, forgets), statement, TIMES), forgets).not.toEqual(EXPECTED)
    }
    const forged = await strangers(createKeyring(LOST_AT))
    const nobody = TIMES.map(() => [])
    expect(await verdicts(scene, otherJudge(scene, 'nothing'), forged, TIMES)).toEqual(nobody)
    expect(await verdicts(scene, otherJudge(scene, 'signature'), forged, TIMES)).not.toEqual(nobody)
  })
})

describe('a bridge', () => {
  it('gains nothing when it is forged or altered, also where it is put into the data folder', async () => {
    const scene = await loseServer()
    const { vendor, apps } = scene
    const genuine = await bridge(scene)
    const forgeries: [string, string, string][] = [
      ['another key', await strangers(createKeyring(LOST_AT)), 'STATEMENT_UNTRUSTED'],
      ['a later end', alter(genuine, { until: lossPlus(80).getTime() / 1000 }), 'STATEMENT_UNTRUSTED'],
      ['an end for good', alter(genuine, { pastEnd: true }), 'STATEMENT_UNTRUSTED'],
      ['a license token', tokenOf(apps['app-0']), 'STATEMENT_MALFORMED'],
      ['nothing', '', 'STATEMENT_MALFORMED'],
      ['a page', '<html>\n</html>', 'STATEMENT_MALFORMED'],
    ]
    vendor.clock.now = lossPlus(3)
    for (const [what, text, code] of forgeries) {
      const app = apps['app-0']
      if (app === undefined) throw new Error('no app')
      expect(await codeOf(app.start().importStatement(text)), what).toBe(code)
      writeFileSync(join(app.dataDir, 'bridge.jws'), text)
      expect(await app.start().check(), what).toMatchObject({ status: 'expired', reason: 'TOKEN_EXPIRED' })
    }
    expect(await apps['app-0']?.start().importStatement(Buffer.from(genuine))).toMatchObject({ status: 'grace' })
  })

  it('is said to be one, at every start, and its time cannot be had twice', async () => {
    const scene = await loseServer()
    const { vendor, apps } = scene
    vendor.clock.now = lossPlus(3)
    await apps['app-0']?.start().importStatement(await bridge(scene))
    expect(await apps['app-0']?.start().check()).toMatchObject({
      status: 'grace',
      reason: 'SERVER_LOST',
      graceEndsAt: lossPlus(DAYS),
      refreshDue: true,
      persisted: true,
    })
    vendor.clock.now = lossPlus(2)
    expect(await apps['app-0']?.start().check()).toMatchObject({ status: 'grace', refreshDue: true })
    expect(await turnedBackOften(vendor, apps['app-0'], 2)).toMatchObject({ status: 'clock-tampered', usable: false })
  })

  it('carries over licenses that end meanwhile where the vendor says so, and never a trial', async () => {
    const scene = await loseServer()
    const statement = await bridge(scene, '--past-end')
    const expected = [[...APPS, 'ends-soon'].sort(), [...APPS, 'ends-soon'].sort(), []]
    const times = [lossPlus(1.5), lossPlus(DAYS, -1), lossPlus(DAYS)]
    expect(await verdicts(scene, kitJudge(scene), statement, times)).toEqual(expected)
  })

  it('is for its product alone, ends with its key, and gives way to a newer one only', async () => {
    const scene = await loseServer()
    const { vendor, apps } = scene
    const app = apps['app-0']
    if (app === undefined) throw new Error('no app')
    vendor.clock.now = lossPlus(3)
    const others = await bridge(scene, '--product', 'prod_of_somebody_else_1')
    expect(await codeOf(app.start().importStatement(others))).toBe('STATEMENT_MALFORMED')

    const older = await signOwn(vendor, lossPlus(0, -60), lossPlus(80))
    const newer = await signOwn(vendor, lossPlus(0), lossPlus(4))
    expect(await app.start().importStatement(newer)).toMatchObject({ graceEndsAt: lossPlus(4) })
    expect(await codeOf(app.start().importStatement(older))).toBe('STATEMENT_OUTDATED')
    expect(await app.start().importStatement(newer)).toMatchObject({ graceEndsAt: lossPlus(4) })
    // With another date of loss it counts beside them.
    const later = await signOwn(vendor, lossPlus(2), lossPlus(20), lossPlus(2))
    expect(await app.start().importStatement(later)).toMatchObject({ graceEndsAt: lossPlus(20) })

    // The key is stolen: the vendor rotates, revokes it, and hands out what the keys say of it with a bridge of the new key.
    const { keys } = await keyslotJson<{ keys: { kid: string }[] }>('keys', 'rotate', '--keys', vendor.keyringFile)
    await keyslot('keys', 'revoke', '--keys', vendor.keyringFile, '--', keys[1]?.kid ?? '')
    const { statement } = await keyslotJson<{ statement: string }>(
      ...[
        'keys',
        'bridge',
        '--days',
        '9',
        '--lost-at',
        'now',
        '--product',
        'prod_of_somebody_else_1',
        '--keys',
        vendor.keyringFile,
      ],
    )
    expect(await codeOf(app.start().importStatement(statement))).toBe('STATEMENT_MALFORMED')
    expect(await app.start().check()).toMatchObject({ status: 'untrusted', usable: false })
    expect(await codeOf(app.start().importStatement(newer))).toBe('STATEMENT_UNTRUSTED')
  })

  it('is extended by another one, also where that names a later date of loss', async () => {
    const scene = await loseServer()
    const { vendor, apps } = scene
    const app = apps['app-2']
    if (app === undefined) throw new Error('no app')
    vendor.clock.now = lossPlus(9)
    const kept = await app.start().importStatement(await bridge(scene))
    expect(kept).toMatchObject({ graceEndsAt: lossPlus(DAYS) })
    const extension = await signOwn(vendor, lossPlus(9), lossPlus(39), lossPlus(9))
    expect(await app.start().importStatement(extension)).toMatchObject({ graceEndsAt: lossPlus(39), usable: true })
    // Who missed the first one is not carried over by the second: its token had ended by then.
    const missed = await apps['app-3']?.start().importStatement(extension)
    expect(missed).toMatchObject({ status: 'expired', usable: false })
    const both = await apps['app-3']?.start().importStatement(`${extension}\n${await bridge(scene)}`)
    expect(both).toMatchObject({ graceEndsAt: lossPlus(39), usable: true })
    expect(await app.start().check()).toMatchObject({ reason: 'SERVER_LOST', graceEndsAt: lossPlus(39) })
  })

  it('frees an app whose clock was once ahead, where it is signed later than all before, and once', async () => {
    const { vendor, apps } = await loseServer()
    const app = apps['app-4']
    if (app === undefined) throw new Error('no app')
    const [first, second] = [
      await signOwn(vendor, LOST_AT, lossPlus(80)),
      await signOwn(vendor, lossPlus(7), lossPlus(80)),
    ]
    const checkAt = async (days: number) => {
      vendor.clock.now = lossPlus(days)
      return (await app.start().check()).reason
    }
    const takeAt = async (days: number, statement: string) => {
      vendor.clock.now = lossPlus(days)
      return (await app.start().importStatement(statement)).reason
    }
    expect(await takeAt(1, first)).toBe('SERVER_LOST')
    // On the budget, and then no more.
    expect([await checkAt(70), await checkAt(9)]).toEqual(['SERVER_LOST', 'SERVER_LOST'])
    expect(await turnedBackOften(vendor, app, 9)).toMatchObject({ reason: 'CLOCK_BEHIND' })
    expect(await takeAt(8, first)).toBe('CLOCK_BEHIND')
    expect(await takeAt(8, second)).toBe('SERVER_LOST')
    // Nobody rides it again and again, also where the file of the bridges is removed.
    expect(await turnedBackOften(vendor, app, 8)).toMatchObject({ reason: 'CLOCK_BEHIND' })
    rmSync(join(app.dataDir, 'bridge.jws'))
    expect([await takeAt(7, first), await takeAt(7, second)]).toEqual(['CLOCK_BEHIND', 'CLOCK_BEHIND'])
  })

  it('ends where the server answers again', async () => {
    const scene = await loseServer()
    const { vendor, apps } = scene
    const app = apps['app-1']
    if (app === undefined) throw new Error('no app')
    vendor.clock.now = lossPlus(3)
    expect(await app.start().importStatement(await bridge(scene))).toMatchObject({ reason: 'SERVER_LOST' })
    const back = await vendor.startServer()
    const kit = app.start({ serverUrl: back.url })
    expect(await kit.refresh()).toMatchObject({ status: 'valid', reason: 'OK' })
    // The new token has a life of its own: three days, and two of grace.
    back.close()
    vendor.clock.now = lossPlus(3 + 5, 1)
    expect(await app.start().check()).toMatchObject({ status: 'expired', reason: 'TOKEN_EXPIRED' })
  })
})

describe('a server that hangs', () => {
  /** An app whose requests to the server get no answer; those to the second address do. */
  async function hang() {
    const { vendor, apps } = await loseServer()
    const app = apps['app-0']
    if (app === undefined) throw new Error('no app')
    const web = await openPlace((_, response) => response.end(texts.published))
    const texts = { published: await signOwn(vendor, LOST_AT, lossPlus(DAYS)) }
    const silent: typeof fetch = (url, init) =>
      String(url).startsWith(vendor.server.url)
        ? new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
        : fetch(url, init)
    vendor.clock.now = lossPlus(3)
    return { vendor, app, web, options: { statementsUrl: `${web.url}/statements.jws`, fetch: silent } }
  }

  it('is found to be lost while the call still waits for it', async () => {
    const { app, web, options } = await hang()
    const kit = app.start({ ...options, startTimeoutMs: 500 })
    expect(await kit.start()).toMatchObject({ reason: 'SERVER_LOST', usable: true, graceEndsAt: lossPlus(DAYS) })
    expect(web.paths).toEqual(['/statements.jws'])
  })

  it('is asked once for all that one refresh asks', async () => {
    const { app, web, options } = await hang()
    const kit = app.start({ ...options, tryTimeoutMs: 300, totalTimeoutMs: 600 })
    expect(await kit.refresh()).toMatchObject({ reason: 'SERVER_LOST', lastContact: { code: 'SERVER_UNREACHABLE' } })
    await kit.refresh()
    expect(web.paths).toHaveLength(1)
  })

  it('leaves the hour to the next process where one exits before the statement has come', async () => {
    const { app, web, options } = await hang()
    const cut: typeof fetch = (url, init) =>
      String(url).startsWith(web.url) ? new Promise(() => undefined) : options.fetch(url, init)
    await app.start({ ...options, fetch: cut, startTimeoutMs: 200 }).start()
    expect(await app.start({ ...options, startTimeoutMs: 500 }).start()).toMatchObject({ reason: 'SERVER_LOST' })
  })
})

function tokenOf(app: App | undefined): string {
  return JSON.parse(readFileSync(join(app?.dataDir ?? '', 'license.json'), 'utf8')).licenseToken
}

function signOwn({ keyring }: Vendor, signedAt: Date, until: Date, lostAt = LOST_AT): Promise<string> {
  const terms = { product: null, lostAt, until, pastEnd: false, revocations: [] }
  return signBridge({ keyring, issuer: 'keyslot', now: signedAt }, terms)
}
