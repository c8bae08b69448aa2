import type { MachineIdProblem } from '../host/machine-id'
import type { CheckReason, LicenseCheck } from '../words/license-check'

/**
 * What was found about an app's license on this computer. It holds neither the raw machine id, nor an access or license
 * token, nor a whole license key, nor a proxy's password: it may be mailed to a vendor.
 */
export interface Diagnosis {
  /** False when `problems` names something. */
  readonly healthy: boolean
  /** What keeps the app from working, now or at its next start: a sentence each, the likeliest cause first. */
  readonly problems: readonly string[]
  /** What does not, but may explain something odd: a sentence each. */
  readonly notes: readonly string[]
  /** By this computer's clock. */
  readonly examinedAt: Date
  readonly runtime: RuntimeFinding
  readonly host: HostFinding
  readonly folder: FolderFinding
  readonly license: LicenseFinding
  /** Null when no server was named, neither in the options nor by the stored license. */
  readonly server: ServerFinding | null
}

export interface RuntimeFinding {
  /** Version of Node, without `v`. */
  readonly node: string
  readonly platform: string
  readonly arch: string
}

/** Which host this is to the app. */
export interface HostFinding {
  /** As the server knows it. Null where an installation id has yet to be made. */
  readonly hostId: string | null
  readonly source: 'option' | 'machine' | 'installation'
  /** Why that source won. */
  readonly because: string
  /** What would make this another host to the server, and what would not. */
  readonly changesWith: string
  readonly container: boolean
  readonly machineIdProblem: MachineIdProblem | 'container' | null
}

/** Where the app keeps its license. */
export interface FolderFinding {
  /** Null where this user has no data folder: the app then works from memory. */
  readonly path: string | null
  readonly exists: boolean
  readonly writable: boolean
  /** The system's name for why it cannot be written, e.g. EACCES. */
  readonly systemCode: string | null
  /**
   * How long what is written there lasts: for good, until a restart of the computer (a file system in memory), as long
   * as the container, or not known.
   */
  readonly lasts: 'for-good' | 'until-restart' | 'as-long-as-container' | 'unknown'
  /** Slots given up while offline, of which the server has yet to be told. */
  readonly pendingDeactivations: number
}

/** What is stored, judged as `check()` would. */
export interface LicenseFinding {
  readonly status: LicenseCheck['status']
  readonly reason: CheckReason
  readonly message: string
  readonly usable: boolean
  /** All but the last four characters hidden; null where none is stored. */
  readonly maskedKey: string | null
  readonly productId: string | null
  readonly customerName: string | null
  readonly entitlements: readonly string[]
  readonly expiresAt: Date | null
  readonly tokenExpiresAt: Date | null
  readonly graceEndsAt: Date | null
  readonly refreshAfter: Date | null
  readonly refreshDue: boolean
  /** The highest time proven so far: a clock behind it is `clock-tampered`. */
  readonly highestTimeSeen: Date | null
  /** `kid` of the key the license token says it is signed with. */
  readonly signedWith: string | null
  /**
   * Whose keys the signature was verified with: the app's own, given as `trustedKeys`; else those the server publishes
   * now, which is no proof that the app trusts them; else nobody's.
   */
  readonly verifiedWith: 'trusted-keys' | 'server-keys' | 'none'
}

/** What the license server answers, and on which way. */
export interface ServerFinding {
  readonly url: string
  /** The option, or the stored license. */
  readonly namedBy: 'option' | 'license'
  /**
   * - `ok`: a license server that can reach its storage.
   * - `unhealthy`: one that cannot.
   * - `not-ours`: something else answers there, such as a login page.
   * - `unreachable`: nothing answers.
   */
  readonly health: 'ok' | 'unhealthy' | 'not-ours' | 'unreachable'
  readonly message: string
  /** Of the answer to `GET /healthz`; null where there was none. */
  readonly httpStatus: number | null
  /** The system's name for what went wrong, e.g. ECONNREFUSED. */
  readonly systemCode: string | null
  readonly milliseconds: number
  /** How far the server's clock is ahead of this one's, to about a second; null where that was not told in confidence. */
  readonly clockAheadSeconds: number | null
  /** How many signing keys it publishes; null where it was not asked or did not say. */
  readonly publishedKeys: number | null
  readonly route: RouteFinding
}

/** On which way requests travel. */
export interface RouteFinding {
  /** The proxy's URL without name and password; null for the direct way. */
  readonly proxy: string | null
  readonly because: string
}
