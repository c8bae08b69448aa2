import type { HostIdentity } from './host/host-id'
import type { Config } from './options'
import type { TokenCache } from './store/token-cache'
import type { TicketStore } from './store/uninstall-ticket'
import type { RevocationStore } from './trust/revocation-store'
import type { TrustedKeys } from './trust/trusted-keys'
import type { VerifiedTokens } from './trust/verified-tokens'
import type { Post } from './wire/transport'
import type { Clock } from './words/clock'
import type { TimeMark } from './words/time-mark'

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
