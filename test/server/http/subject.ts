import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import { nameOfUser } from '../../../src/domain/device-user'
import { newActivation } from '../../storage/verbs/kit/entities'
import { named, post, UNKNOWN_ID, UNKNOWN_KEY } from './actions'
import type { Fixture } from './harness'
import { createHostKey } from './host-key'

/** What a request is about. */
export interface Subject {
  readonly productId: string
  readonly packageId: number
  readonly licenseKey: string
  /** Holds the licenses. */
  readonly customerId: string
  readonly floatingKey: string
  /** A license in use on one device, and that device by its id. */
  readonly usedKey: string
  readonly device: string
  /** A user of that device, as the list of devices names it, and the key that the user shows. */
  readonly user: string
  readonly userKey: string
  /** Has had no trial. */
  readonly trialHost: string
  /** A seat of the floating license. Its nonce works once. */
  readonly session: HeldSession
}

export interface HeldSession {
  readonly id: string
  readonly secret: string
  readonly nonce: string
}

export const SUBJECT_HOST = 'subject-host'

/** A customer with an unused license and a floating one of which a seat is out; a license in use; a product to try. */
export async function makeSubject(fixture: Fixture): Promise<Subject> {
  const { productId, packageId, licensing } = fixture
  const customer = await licensing.customers.create({ name: 'Subject' })
  const terms = { productId, customer: { id: customer.id }, expiresAt: new Date('2030-01-01') }
  const { key, license } = await licensing.licenses.create(terms)
  const floating = await licensing.licenses.create({ ...terms, floating: { maxConcurrentSessions: 5 } })
  await licensing.products.update(productId, { trialSeconds: 14 * 86_400 })
  const used = await licensing.licenses.create({ productId })
  return {
    productId,
    packageId,
    licenseKey: key,
    customerId: customer.id,
    floatingKey: floating.key,
    usedKey: used.key,
    trialHost: `trial-${license.id}`,
    ...(await useDevice(fixture, used.key)),
    session: await checkOut(fixture, floating.key, SUBJECT_HOST),
  }
}

/** The same, of which there is nothing. */
export function unknownSubject(subject: Subject): Subject {
  const keys = { licenseKey: UNKNOWN_KEY, floatingKey: UNKNOWN_KEY, usedKey: UNKNOWN_KEY }
  return { ...subject, ...keys, packageId: 4711, customerId: UNKNOWN_ID }
}

/** Activates a host over HTTP; returns the id of its activation. */
export async function activateDevice(fixture: Fixture, licenseKey: string, hostId: string): Promise<string> {
  const { status, body } = await post(fixture, '/key/activate', named(fixture, licenseKey, { hostId }))
  expect(status, JSON.stringify(body)).toBe(200)
  const { activations } = await fixture.licensing.licenses.get(licenseKey)
  return activations.find((activation) => activation.hostId === hostId)?.id ?? ''
}

/** A device in use, and its user. */
export async function useDevice(
  fixture: Fixture,
  licenseKey: string,
): Promise<Pick<Subject, 'device' | 'user' | 'userKey'>> {
  const device = await activateDevice(fixture, licenseKey, SUBJECT_HOST)
  const userKey = createHostKey().thumbprint
  const target = { canonicalKey: licenseKey, productId: fixture.productId }
  const asked = newActivation(SUBJECT_HOST, { proofKey: userKey })
  const { accountId } = fixture.licensing
  const bound = await fixture.store.claimActivation(accountId, target, asked, { now: fixture.clock.now })
  expect(bound.kind).toBe('rebound')
  return { device, user: nameOfUser({ id: device }, { thumbprint: userKey }), userKey }
}

/** Takes a seat over HTTP. */
export async function checkOut(fixture: Fixture, licenseKey: string, hostId: string): Promise<HeldSession> {
  const { status, body } = await post(fixture, '/key/checkout', named(fixture, licenseKey, { hostId }))
  expect(status, JSON.stringify(body)).toBe(200)
  return { id: body.sessionId, secret: body.sessionSecret, nonce: body.nextNonce }
}

/** The fields of a heartbeat or a checkin that prove who holds the session. */
export function proofOf({ id, secret, nonce }: HeldSession) {
  const signature = createHmac('sha256', secret).update(`${id}:${nonce}`).digest('hex')
  return { sessionId: id, timestamp: nonce, signature }
}
