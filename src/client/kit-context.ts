import { LicenseError, type LicenseErrorCode } from '../protocol'
import type { Answer } from './answer'
import type { Clock } from './clock'
import type { HostIdentity } from './host-id'
import { sentenceFor } from './messages'
import type { Config } from './options'
import type { RevocationStore } from './revocation-store'
import type { TimeMark } from './time-mark'
import type { TokenCache } from './token-cache'
import type { Post } from './transport'
import type { TicketStore } from './uninstall-ticket'
import type { VerifiedTokens } from './verified-tokens'

/** The parts a kit is made of, wired once in `license-kit.ts` and handed to each use case. */
export interface KitContext {
  readonly config: Config
  readonly cache: TokenCache
  readonly tickets: TicketStore
  readonly verifiedTokens: VerifiedTokens
  readonly timeMark: TimeMark
  readonly revocations: RevocationStore
  readonly post: Post
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** @throws {LicenseError} HOST_ID_UNAVAILABLE */
  readonly hostId: () => Promise<HostIdentity>
  readonly randomId: () => string
}

/** What certificate checks fail with where something on the way, a company's proxy say, opens TLS. */
const INTERCEPTED = /CERT|UNABLE_TO_VERIFY/

/** The error for an answer that was no success. */
export function errorFor(answer: Exclude<Answer, { kind: 'success' }>): LicenseError {
  const { code, status } = answer
  const { retryAfterSeconds, systemCode } = answer.kind === 'inconclusive' ? answer : {}
  const detail = {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  if (systemCode === undefined) return new LicenseError(code, sentenceFor(code), { detail })
  return new LicenseError(code, sentenceWith(code, systemCode), { detail, cause: new Error(systemCode) })
}

function sentenceWith(code: LicenseErrorCode, systemCode: string): string {
  if (!INTERCEPTED.test(systemCode)) return sentenceFor(code)
  return 'The license server shows a certificate this computer does not trust. A proxy may be in between; Node reads its certificate from NODE_EXTRA_CA_CERTS.'
}
