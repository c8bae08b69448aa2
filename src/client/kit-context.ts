import type { Clock } from './clock'
import type { HostIdentity } from './host-id'
import type { Config } from './options'
import type { RevocationStore } from './revocation-store'
import type { TimeMark } from './time-mark'
import type { TokenCache } from './token-cache'
import type { Post } from './transport'
import type { TrustedKeys } from './trusted-keys'
import type { TicketStore } from './uninstall-ticket'
import type { VerifiedTokens } from './verified-tokens'

/** The parts a kit is made of from the start, wired in `license-kit.ts` and handed to each use case. */
export interface KitContext {
  readonly config: Config
  /** Undefined: the kit works from memory. */
  readonly dataDir: string | undefined
  readonly cache: TokenCache
  readonly trustedKeys: TrustedKeys
  readonly verifiedTokens: VerifiedTokens
  readonly timeMark: TimeMark
  readonly revocations: RevocationStore
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** @throws {LicenseError} HOST_ID_UNAVAILABLE */
  readonly hostId: () => Promise<HostIdentity>
  readonly randomId: () => string
}

/** With the parts that `online.ts` adds, for the use cases that talk to the server. */
export interface OnlineContext extends KitContext {
  readonly post: Post
  readonly tickets: TicketStore
}
