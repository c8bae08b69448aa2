import { type AccountApi, type License, SCOPES } from 'keyslot/server'
import { expect } from 'vitest'
import { PLAIN_LICENSE } from '../../../src/domain/license'
import { canonicalKey } from '../../../src/protocol/license-key-text'
import { type Fixture, MOUNTS, type Mount, send, type WireAnswer, type WireRequest } from './harness'

/** The mount for suites whose subject no mount changes. */
export const PLAIN_MOUNT = MOUNTS.find(({ name }) => name === 'at a path') as Mount

/** Mounted in an app that trusts these proxies: X-Forwarded-For says who asks. Undefined leaves the setting alone. */
export function behind(trustProxy: unknown): Mount {
  return {
    name: `trust proxy ${trustProxy}`,
    path: '/licensing',
    mount(app, { router }) {
      if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
      app.use('/licensing', router)
    },
  }
}

/** Well-formed, and in no store. */
export const UNKNOWN_KEY = 'AAAAA-BBBBB-CCCCC-DDDDD'
export const UNKNOWN_ID = 'none_0000000000000000000000'

/** Sends a request with the secret token, unless `request` says otherwise. */
export function ask(
  fixture: Fixture,
  method: string,
  path: string,
  body?: unknown,
  request: WireRequest = {},
): Promise<WireAnswer> {
  return send(fixture.url, method, path, { token: fixture.secret, ...(body !== undefined && { body }), ...request })
}

export function post(fixture: Fixture, path: string, body?: unknown, request?: WireRequest): Promise<WireAnswer> {
  return ask(fixture, 'POST', path, body, request)
}

/** The whole answer: status and every field of the body. */
export function expectAnswer(answer: WireAnswer, status: number, body: unknown): void {
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body })
}

/** An error of families A, B and D: status, code and message, and nothing else. */
export function expectRefusal(answer: WireAnswer, status: number, code: number, message: string): void {
  expectAnswer(answer, status, { message, code })
}

/** A malformed field of families A, B and D: 400, naming the field. */
export function expectMalformed(answer: WireAnswer, field: string): void {
  expectAnswer(answer, 400, { message: expect.stringContaining(field), code: 1 })
}

/** Makes a key of the fixture's product over HTTP. */
export async function makeKey(fixture: Fixture, fields: Record<string, unknown> = {}): Promise<string> {
  const answer = await post(fixture, '/key', { productId: fixture.productId, ...fields })
  expectAnswer(answer, 200, { code: 0, key: expect.any(String) })
  return answer.body.key
}

/** Makes one AuthTool key over HTTP. */
export async function makeAuthtoolKey(fixture: Fixture, fields: Record<string, unknown> = {}): Promise<string> {
  const kind = 'activateCount' in fields ? 'multiple' : 'single'
  const answer = await post(fixture, `/public/v1/key/${kind}-activate`, {
    quantity: 1,
    packageIds: [fixture.packageId],
    duration: 30,
    unit: 'day',
    ...fields,
  })
  expect(answer).toMatchObject({ status: 201, body: { data: [expect.any(String)] } })
  return answer.body.data[0]
}

/** Names a license in a KeyMint request. */
export function named(fixture: Fixture, licenseKey: string, more: Record<string, unknown> = {}) {
  return { productId: fixture.productId, licenseKey, ...more }
}

export function activateHost(fixture: Fixture, licenseKey: string, hostId: string): Promise<WireAnswer> {
  return post(fixture, '/key/activate', named(fixture, licenseKey, { hostId }))
}

/** The license as it is stored. */
export async function storedLicense(fixture: Fixture, licenseKey: string): Promise<License> {
  return (await fixture.licensing.licenses.get(licenseKey)).license
}

/** Stores a license made elsewhere, with a key of its own. */
export async function importLicense(fixture: Fixture, key: string, fields: Partial<License> = {}): Promise<void> {
  const { now } = fixture.clock
  const license: License = {
    id: `lic_imported_${key}_0000000000`,
    accountId: fixture.licensing.accountId,
    key,
    canonicalKey: canonicalKey(key),
    productIds: [fixture.productId],
    ...PLAIN_LICENSE,
    createdAt: now,
    updatedAt: now,
    ...fields,
  }
  const outcome = await fixture.store.insertLicenses(license.accountId, { licenses: [license] }, { now })
  expect(outcome.kind).toBe('created')
}

export interface OtherAccount {
  readonly api: AccountApi
  readonly productId: string
  readonly packageId: number
  readonly secret: string
}

/** Another vendor on the same installation, with a product and a token for everything. */
export async function addAccount({ licensing }: Fixture, plan: 'free' | 'pro' = 'pro'): Promise<OtherAccount> {
  const account = await licensing.createAccount({ name: 'other', plan })
  const api = licensing.forAccount(account.id)
  const product = await api.products.create({ name: 'Rival' })
  const { token } = await api.accessTokens.create({ name: 'all', kind: 'secret', scopes: SCOPES })
  return { api, productId: product.id, packageId: product.packageId, secret: token }
}
