import { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addAccount, type OtherAccount, PLAIN_MOUNT } from './actions'
import { type Fixture, MOUNTS, startFixture } from './harness'
import { AUTHENTICATED_ROUTES, expectFamilyError, sendRoute, successStatus, unauthorizedMessage } from './requests'
import { makeSubject, type Subject, unknownSubject } from './subject'

const FORBIDDEN = 'Insufficient permissions for this operation'

/** What each AuthTool route says of another account's key; other families do not tell it from none. */
const FOREIGN: Record<string, string> = {
  authtoolReset: "You don't have permission to reset this key",
  authtoolDetail: "You don't have permission to access this key",
  authtoolGet: "You don't have permission to access this key",
  authtoolChangeStatus: "You don't have permission to change this key",
  authtoolDelete: "You don't have permission to delete this key",
}

const OF_NO_PRODUCT: string[] = ['createCustomer', 'listCustomers']

describe.each(MOUNTS)('authorisation, mounted $name', (mount) => {
  let fixture: Fixture
  let rival: OtherAccount
  let subject: Subject
  let unknownToken: string
  let revokedToken: string
  let expiredToken: string

  beforeAll(async () => {
    fixture = await startFixture(mount)
    rival = await addAccount(fixture)
    // Well-formed, checksum and all, but from another installation.
    const elsewhere = await startFixture(PLAIN_MOUNT)
    unknownToken = elsewhere.secret
    await elsewhere.close()
    const all = { kind: 'secret', scopes: SCOPES } as const
    const { accessTokens } = fixture.licensing
    expiredToken = (await accessTokens.create({ ...all, name: 'expired', expiresAt: fixture.clock.now })).token
    const revoked = await accessTokens.create({ ...all, name: 'revoked' })
    revokedToken = revoked.token
    await accessTokens.revoke(revoked.accessToken.id)
  })
  afterAll(() => fixture.close())

  beforeEach(async () => {
    subject = await makeSubject(fixture)
  })

  const state = async () => {
    const { licenses, customers, events, accountId } = fixture.licensing
    const floating = (await licenses.get(subject.floatingKey)).license
    return {
      license: await licenses.get(subject.licenseKey),
      sessions: await fixture.store.listSessions(accountId, floating.id, fixture.clock.now, { limit: 10 }),
      licenses: (await licenses.list({}, { limit: 1 })).total,
      customers: (await customers.list({ limit: 1 })).total,
      changes: (await events.list({}, { limit: 1000 })).items.filter(({ type }) => !type.startsWith('access-token')),
    }
  }

  describe.each(AUTHENTICATED_ROUTES)('$title', (route) => {
    it('serves a token with exactly the scopes it needs', async () => {
      const { token } = await fixture.licensing.accessTokens.create({
        name: 'exact',
        kind: 'secret',
        scopes: route.route.scopes,
        productIds: [fixture.productId],
      })
      expect((await sendRoute(fixture, route, subject, { token })).status).toBe(successStatus(route))
    })

    it('refuses callers it does not know, and does nothing', async () => {
      const before = await state()
      const invalid = unauthorizedMessage(route, 'something')
      for (const token of ['at_garbage', unknownToken, `${fixture.secret}x`, revokedToken, expiredToken]) {
        expectFamilyError(route, await sendRoute(fixture, route, subject, { token }), 401, invalid)
      }
      const nothing = await sendRoute(fixture, route, subject)
      expectFamilyError(route, nothing, 401, unauthorizedMessage(route, 'nothing'))
      expect(await state()).toEqual(before)
    })

    it('refuses a token that lacks a scope, and does nothing', async () => {
      const before = await state()
      for (const missing of route.route.scopes) {
        const { token } = await fixture.licensing.accessTokens.create({
          name: `all but ${missing}`,
          kind: 'secret',
          scopes: SCOPES.filter((scope) => scope !== missing),
        })
        expectFamilyError(route, await sendRoute(fixture, route, subject, { token }), 403, FORBIDDEN)
      }
      expect(await state()).toEqual(before)
    })

    it('refuses a token of other products, and does nothing', async () => {
      const before = await state()
      const { token } = await fixture.licensing.accessTokens.create({
        name: 'other products',
        kind: 'secret',
        scopes: SCOPES,
        productIds: [rival.productId],
      })
      const answer = await sendRoute(fixture, route, subject, { token })
      if (OF_NO_PRODUCT.includes(route.name)) return expect(answer.status).toBe(successStatus(route))
      expectFamilyError(route, answer, 403, FORBIDDEN)
      expect(await state()).toEqual(before)
    })

    it('shows another account nothing, and does nothing', async () => {
      const before = await state()
      const theirs = await sendRoute(fixture, route, subject, { token: rival.secret })
      const none = await sendRoute(fixture, route, unknownSubject(subject), { token: rival.secret })
      const foreign = FOREIGN[route.name]
      if (route.name === 'createCustomer' || route.name === 'listCustomers') {
        expect(theirs.status).toBe(successStatus(route))
        expect(JSON.stringify(theirs.body)).not.toContain(subject.customerId)
      } else if (route.route.path.startsWith('/customer')) {
        expectFamilyError(route, theirs, 404, 'Customer not found')
        expect(theirs.body).toEqual(none.body)
      } else if (foreign !== undefined) {
        expectFamilyError(route, theirs, 403, foreign)
        expectFamilyError(route, none, 404, 'Key not found')
      } else if (route.route.family === 'authtool') {
        expectFamilyError(route, theirs, 422, expect.stringContaining('packageIds'))
      } else {
        expectFamilyError(route, theirs, 404, 'Invalid license key')
        expect(theirs.body).toEqual(none.body)
      }
      expect(await state()).toEqual(before)
    })
  })
})

describe('a publishable token', () => {
  let fixture: Fixture
  let subject: Subject

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  beforeEach(async () => {
    subject = await makeSubject(fixture)
  })

  const served: string[] = [
    'activateKey',
    'v1ActivateKey',
    'validateKey',
    'checkout',
    'heartbeat',
    'checkin',
    'startTrial',
  ]
  const servedBySome: string[] = ['listDevices', 'freeDevice', 'dropDeviceUser']
  const servedWithHost: string[] = ['deactivateKey', 'v1DeactivateKey']

  it.each(AUTHENTICATED_ROUTES)('may do what an app needs and nothing else: $title', async (route) => {
    const token = fixture.publishable
    const answer = await sendRoute(fixture, route, subject, { token })
    if (served.includes(route.name)) expect(answer.status).toBe(200)
    else if (servedWithHost.includes(route.name)) expectFamilyError(route, answer, 400, 'Missing required params')
    else expectFamilyError(route, answer, 403, FORBIDDEN)
  })

  it.each(AUTHENTICATED_ROUTES.filter(({ name }) => servedBySome.includes(name)))(
    'may where the product allows self-service: $title',
    async (route) => {
      await fixture.licensing.products.update(fixture.productId, { selfService: true })
      expect((await sendRoute(fixture, route, subject, { token: fixture.publishable })).status).toBe(200)
      await fixture.licensing.products.update(fixture.productId, { selfService: false })
    },
  )

  it('may deactivate a host it names, and only then', async () => {
    for (const path of ['/key/deactivate', '/deactivate-key']) {
      await fixture.store.claimActivation(
        fixture.licensing.accountId,
        { canonicalKey: subject.licenseKey, productId: fixture.productId },
        {
          id: `act_${path}_00000000000000`,
          hostId: 'h',
          deviceTag: null,
          address: null,
          appVersion: null,
          licensee: null,
          jti: path,
        },
        { now: fixture.clock.now },
      )
      const route = AUTHENTICATED_ROUTES.find((candidate) => candidate.route.path === path)
      if (route === undefined) throw new Error(`no route ${path}`)
      const { productId, licenseKey } = subject
      const token = fixture.publishable
      const without = await sendRoute(fixture, route, subject, { token, body: { productId, licenseKey } })
      expectFamilyError(route, without, 400, 'Missing required params')
      const body = { productId, licenseKey, hostId: 'h' }
      expect((await sendRoute(fixture, route, subject, { token, body })).status).toBe(200)
    }
  })

  it('serves its own products only', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const theirs = await makeSubject({ ...fixture, productId: other.id, packageId: other.packageId })
    for (const route of AUTHENTICATED_ROUTES.filter(({ name }) => [...served, ...servedBySome].includes(name))) {
      const answer = await sendRoute(fixture, route, theirs, { token: fixture.publishable })
      expectFamilyError(route, answer, 403, FORBIDDEN)
    }
  })

  it('can have no other scopes, whatever is asked for', async () => {
    const { accessToken, token } = await fixture.licensing.accessTokens.create({
      name: 'greedy',
      kind: 'publishable',
      scopes: SCOPES,
      productIds: [fixture.productId],
    })
    expect(accessToken.scopes).toEqual(['licenses:activate'])
    const create = AUTHENTICATED_ROUTES.find(({ name }) => name === 'createKey')
    if (create === undefined) throw new Error('no route createKey')
    expectFamilyError(create, await sendRoute(fixture, create, subject, { token }), 403, FORBIDDEN)
  })
})
