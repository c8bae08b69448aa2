import type { Clock } from '../waiting/clock'
import type { HostIdentity } from './host/host-id'
import type { MachineProbes } from './host/machine-id'
import type { Config } from './options'
import type { TokenCache } from './store/license-on-disk'
import type { TicketStore } from './store/uninstall-ticket'
import type { RevocationStore } from './trust/revocation-store'
import type { Statements } from './trust/statements'
import type { TrustedKeys } from './trust/trusted-keys'
import type { VerifiedTokens } from './trust/verified-tokens'
import type { Post } from './wire/post-with-retries'

/** What this process knows of the clocks, beside what the file says. */
interface OwnBoot {
  /** When this computer has started, by the judged time, Unix seconds; undefined before the first check. */
  startedAt: number | undefined
  /** How far the server's clock is ahead by its last answer, in seconds. Nobody has signed that: it is for sentences alone. */
  serverAheadSeconds: number | undefined
}

/** The parts of a kit. `license-kit.ts` makes them at the start and hands them to every use case. */
export interface KitContext {
  readonly config: Config
  /** Undefined: the kit works from memory. */
  readonly dataDir: string | undefined
  readonly cache: TokenCache
  readonly trustedKeys: TrustedKeys
  readonly verifiedTokens: VerifiedTokens
  readonly boot: OwnBoot
  readonly revocations: RevocationStore
  /** Loaded when it is used: few apps ever hear of a server that is lost or has moved. */
  readonly statements: () => Promise<Statements>
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** @throws {LicenseError} HOST_ID_UNAVAILABLE */
  readonly hostId: () => Promise<HostIdentity>
  readonly randomId: () => string
  readonly probes: MachineProbes
}

/** The same with the parts that `actions/online.ts` adds, for the use cases that talk to the server. */
export interface OnlineContext extends KitContext {
  readonly post: Post
  readonly tickets: TicketStore
}
