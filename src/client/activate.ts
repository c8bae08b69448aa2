import { LicenseError, type LicenseTokenClaims } from '../protocol'
import type { Answer } from './answer'
import type { CachedActivation } from './cache-record'
import { errorFor, type KitContext } from './kit-context'
import type { LicenseCheck } from './license-check'
import { sentenceFor } from './messages'
import { assertKnown, type Config } from './options'
import { readStatus } from './read-status'

/** What the server may be told about this activation. */
export interface ActivateOptions {
  /** Shown to the vendor beside the host, e.g. "Ada's laptop"; 1 to 64 characters. */
  readonly deviceTag?: string | undefined
  /** This app's version; 1 to 32 characters. */
  readonly version?: string | undefined
}

const KNOWN_OPTIONS: Record<keyof ActivateOptions, true> = { deviceTag: true, version: true }

/** Claims an activation slot and stores the license token; see `LicenseKit.activate`. */
export async function activate(
  context: KitContext,
  licenseKey: string,
  options: ActivateOptions = {},
): Promise<LicenseCheck> {
  const { config, cache, tickets } = context
  const key = assertLicenseKey(licenseKey)
  assertKnown(options, KNOWN_OPTIONS)
  const { hostId } = await context.hostId()

  // Slots given up offline are freed first: this very activation may need one. What is about to be activated again is
  // not freed on the way.
  const sameSlot = { licenseKey: key, hostId }
  await tickets.deliver({ except: sameSlot, totalTimeoutMs: config.deactivateTimeoutMs })

  const answer = await context.post({
    endpoint: config,
    path: '/key/activate',
    body: { productId: config.productId, licenseKey: key, hostId, ...definedOf(options) },
    idempotencyKey: context.randomId(),
    totalTimeoutMs: config.totalTimeoutMs,
  })
  if (answer.kind !== 'success') throw errorFor(answer)

  const { claims, licenseToken } = await verifyAnswer(context, answer, hostId)
  const activation = activationOf(config, claims, licenseToken, provenTime(claims, answer))
  await cache.update(() => ({ kind: 'activation', activation }))
  await tickets.discard(sameSlot)
  return await readStatus(context)
}

/** What the cache holds of a verified license token, and of the time it came with. */
export function activationOf(
  { serverUrl, allowPlainHttp, productId, accessToken }: Config,
  { key, machine }: LicenseTokenClaims,
  licenseToken: string,
  provenTime: number,
): CachedActivation {
  const endpoint = { serverUrl, allowPlainHttp, productId, accessToken }
  return { ...endpoint, licenseKey: key, licenseToken, hostId: machine, highestTimeSeen: provenTime, provenTime }
}

type Success = Extract<Answer, { kind: 'success' }>

/**
 * The answer's license token, verified but for its times: a clock that is wrong here must not cost the slot just
 * claimed; `check()` says so until it is put right.
 * @throws {LicenseError} TOKEN_…
 */
export async function verifyAnswer(
  { verifiedTokens }: KitContext,
  { body: { licenseToken } }: Success,
  hostId: string,
): Promise<{ claims: LicenseTokenClaims; licenseToken: string }> {
  if (typeof licenseToken !== 'string') {
    throw new LicenseError('TOKEN_MALFORMED', 'The license server sent no license data.')
  }
  return { claims: await verifiedTokens.verify(licenseToken, hostId), licenseToken }
}

/** What a fresh answer proves of the time. It replaces every earlier mark: contact heals a clock that ran ahead. */
export function provenTime(claims: LicenseTokenClaims, { serverTime }: Success): number {
  return Math.max(claims.iat, serverTime === undefined ? 0 : Math.floor(serverTime.getTime() / 1000))
}

/**
 * The key without outer white space.
 * @throws {TypeError} when it is no string
 * @throws {LicenseError} INVALID_REQUEST when it is empty or longer than 256 characters
 */
export function assertLicenseKey(licenseKey: unknown): string {
  if (typeof licenseKey !== 'string') throw new TypeError('the license key must be a string')
  const key = licenseKey.trim()
  if (key === '' || key.length > 256) {
    throw new LicenseError('INVALID_REQUEST', sentenceFor('INVALID_REQUEST'), { detail: { field: 'licenseKey' } })
  }
  return key
}

function definedOf({ deviceTag, version }: ActivateOptions): ActivateOptions {
  return { ...(deviceTag === undefined ? {} : { deviceTag }), ...(version === undefined ? {} : { version }) }
}
