import { inspect } from 'node:util'
import { LicenseError, SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PLAIN_MOUNT } from './actions'
import { type FaultyStorage, faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, send, startFixture, type WireAnswer } from './harness'
import { ALL_ROUTES, AUTHENTICATED_ROUTES, BODY_ROUTES, requestFor, sendRoute } from './requests'
import { makeSubject, type Subject } from './subject'

/** What a token, a license token or a private key looks like, whichever it is. */
const SECRET_SHAPES = [/(?:at|pk)_[\w-]{20,}/, /ey[\w-]{10,}\.ey[\w-]{10,}/, /"d":/, /PRIVATE KEY/]

describe.each(MOUNTS.filter(({ name }) => name === PLAIN_MOUNT.name || name.includes('parser')))(
  'after a mixed load, mounted $name',
  (mount) => {
    const logged: unknown[] = []
    const errors: string[] = []
    let faults: FaultyStorage
    let fixture: Fixture
    let subject: Subject
    let canaries: string[]

    beforeAll(async () => {
      const keep = (...line: unknown[]) => void logged.push(line)
      for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
        vi.spyOn(console, name).mockImplementation(keep)
      faults = faultyStorage()
      fixture = await startFixture(mount, {
        storage: faults.storage,
        webhooks: { deliver: false },
        logger: { warn: keep, error: keep },
      })
      subject = await makeSubject(fixture)
      const revoked = await fixture.licensing.accessTokens.create({ name: 'r', kind: 'secret', scopes: SCOPES })
      await fixture.licensing.accessTokens.revoke(revoked.accessToken.id)
      canaries = [
        subject.licenseKey,
        subject.floatingKey,
        subject.session.secret,
        fixture.secret,
        fixture.publishable,
        revoked.token,
        'CANARY-KEY-THAT-IS-NO-KEY-AT-ALL',
      ]
      await load(revoked.token)
      vi.restoreAllMocks()
    })
    afterAll(() => fixture.close())

    const note = (answer: WireAnswer) => {
      if (answer.status >= 400) errors.push(JSON.stringify([answer.body, [...answer.headers]]))
    }

    /** Every route with good and bad tokens, canaries in every place, and with storage that fails. */
    async function load(revoked: string): Promise<void> {
      const canary = { ...subject, licenseKey: 'CANARY-KEY-THAT-IS-NO-KEY-AT-ALL' }
      for (const route of AUTHENTICATED_ROUTES.filter(
        ({ name }) => name !== 'authtoolDelete' && name !== 'deleteCustomer',
      )) {
        for (const token of [fixture.secret, fixture.publishable, revoked, `${fixture.secret}x`, subject.licenseKey]) {
          note(await sendRoute(fixture, route, subject, { token }))
        }
        note(await sendRoute(fixture, route, canary, { token: fixture.secret }))
      }
      for (const route of BODY_ROUTES) {
        const { path, body } = requestFor(route, canary)
        for (const [field, value] of Object.entries(body ?? {})) {
          const malformed = { ...body, [field]: [value, fixture.secret, subject.licenseKey] }
          note(await send(fixture.url, route.route.method, path, { token: fixture.secret, body: malformed }))
        }
        for (const rawBody of [
          `{"licenseKey": "${subject.licenseKey}" "${fixture.secret}"}`,
          `${subject.licenseKey}`,
        ]) {
          note(await send(fixture.url, route.route.method, path, { token: fixture.secret, rawBody }))
        }
      }
      const broken = (doing: string) => () => Promise.reject(new Error(`${doing}: disk I/O error`))
      const locked = () => Promise.reject(new LicenseError('STORAGE_UNAVAILABLE', 'locked'))
      const fresh = await makeSubject(fixture)
      for (const breakIt of [
        () => faults.breakReads('licenses', broken('reading')),
        () => faults.breakWrites('licenses', broken('writing')),
        () => faults.breakWrites(() => true, locked),
      ]) {
        breakIt()
        for (const route of AUTHENTICATED_ROUTES)
          note(await sendRoute(fixture, route, fresh, { token: fixture.secret }))
        faults.heal()
      }
    }

    it('no token, license key or license token is in the logs', () => {
      const text = inspect(logged, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
      expect(text).toContain('disk I/O error')
      for (const canary of canaries) expect(text).not.toContain(canary)
      for (const shape of SECRET_SHAPES) expect(text).not.toMatch(shape)
    })

    it('none is in the answers to requests that failed', () => {
      expect(errors.length).toBeGreaterThan(100)
      const text = errors.join('\n')
      for (const canary of canaries) expect(text).not.toContain(canary)
      for (const shape of SECRET_SHAPES) expect(text).not.toMatch(shape)
      expect(text).not.toMatch(/disk|locked|node_modules|\bat \S+:\d+/)
    })

    it('every unexpected error was logged once, with its route', () => {
      const failed = logged.filter((line) => Array.isArray(line) && line[1] instanceof Error)
      const serverErrors = errors.filter((error) => error.includes('Server error'))
      expect(failed.length).toBeGreaterThan(10)
      expect(failed).toHaveLength(serverErrors.filter((error) => !error.includes('retry-after')).length)
      const titles = ALL_ROUTES.map(({ title }) => `keyslot: ${title} failed`)
      for (const line of failed) expect(titles).toContain((line as unknown[])[0])
    })
  },
)
