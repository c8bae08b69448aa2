import { CLOCK_TOLERANCE_SECONDS } from '../protocol/license-token'
import { type Activation, raiseActivation } from './activation'
import { earliest, instantAt } from './calendar'
import { takesKeyless } from './host-keys'
import type { License } from './license'
import type { Product } from './product'

/** A license file that is asked for. */
export interface FileRequest {
  /** How long it is good for, in seconds; undefined for as long as the license. */
  readonly ttlSeconds: number | undefined
}

/** When a license file ends that is signed at `signedAt`; null where nothing says when. */
export function endOfFile(
  license: Pick<License, 'expiresAt'>,
  activation: Pick<Activation, 'expiresAt'>,
  { ttlSeconds }: FileRequest,
  signedAt: Date,
): Date | null {
  const ttlEnd = ttlSeconds === undefined ? null : instantAt(signedAt.getTime() + ttlSeconds * 1000)
  return earliest(license.expiresAt, activation.expiresAt, ttlEnd)
}

/** True where no file can be signed, whatever the host: nothing would say when it ends. */
export function lacksEnd(
  { expiresAt, activationDuration }: Pick<License, 'expiresAt' | 'activationDuration'>,
  { ttlSeconds }: FileRequest,
): boolean {
  return ttlSeconds === undefined && expiresAt === null && activationDuration === null
}

/**
 * The activation of a host that is given a file: should the host be deactivated, the revocation must be listed as long as the
 * file is good. Null where nothing says when the file ends.
 */
export function activationForFile(
  license: License,
  product: Pick<Product, 'graceSeconds'>,
  activation: Activation,
  file: FileRequest,
  now: Date,
): Activation | null {
  const endsAt = endOfFile(license, activation, file, now)
  if (endsAt === null) return null
  const tokensEndAt = instantAt(endsAt.getTime() + (product.graceSeconds + CLOCK_TOLERANCE_SECONDS) * 1000)
  const raised = raiseActivation(activation, { lastSeenAt: activation.lastSeenAt, tokensEndAt })
  if (takesKeyless(activation, now)) return { ...raised, keylessEndAt: raised.tokensEndAt }
  // A file names no key: it is the oldest user's, whom no younger one may outlast.
  const [oldest, ...younger] = raised.keys
  return oldest === undefined
    ? raised
    : { ...raised, keys: [{ ...oldest, tokensEndAt: raised.tokensEndAt }, ...younger] }
}
