import type { MachineIdProblem } from '../host/machine-id'
import type { CheckReason, LastContact, LicenseCheck } from '../words/license-check'

/**
 * The findings about an app's license on this computer. They hold no raw machine id, no access or license token, no whole
 * license key and no proxy's password, so they may be mailed to a vendor.
 */
export interface Diagnosis {
  /** False when `problems` names something. */
  readonly healthy: boolean
  /** What keeps the app from working, now or at its next start. One sentence each, the likeliest cause first. */
  readonly problems: readonly string[]
  /** Facts that do not stop the app, but may explain something odd. One sentence each. */
  readonly notes: readonly string[]
  /** The time by this computer's clock. */
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

/** The id of this host. */
export interface HostFinding {
  /** The id by which the server knows this host. Null when an installation id must be made first. */
  readonly hostId: string | null
  readonly source: 'option' | 'machine' | 'installation'
  /** Why this source was chosen. */
  readonly because: string
  /** What would give this host another id, and what would not. */
  readonly changesWith: string
  readonly container: boolean
  readonly machineIdProblem: MachineIdProblem | 'container' | null
}

/** The folder where the app keeps its license. */
export interface FolderFinding {
  /** Null when this user has no data folder. The app then works from memory. */
  readonly path: string | null
  readonly exists: boolean
  readonly writable: boolean
  /** The system's name for the reason that it cannot be written, e.g. EACCES. */
  readonly systemCode: string | null
  /**
   * How long files in the folder last: for good, until the computer restarts (a file system in memory), as long as the
   * container, or not known.
   */
  readonly lasts: 'for-good' | 'until-restart' | 'as-long-as-container' | 'unknown'
  /** How many slots were given up offline, without the server knowing yet. */
  readonly pendingDeactivations: number
}

/** The stored license, judged as `check()` judges it. */
export interface LicenseFinding {
  readonly status: LicenseCheck['status']
  readonly reason: CheckReason
  readonly message: string
  readonly usable: boolean
  /** The license key, all but its last four characters hidden; null when none is stored. */
  readonly maskedKey: string | null
  readonly productId: string | null
  readonly customerName: string | null
  readonly entitlements: readonly string[]
  readonly expiresAt: Date | null
  readonly tokenExpiresAt: Date | null
  readonly graceEndsAt: Date | null
  readonly refreshAfter: Date | null
  readonly refreshDue: boolean
  /** What came of the last contact with the server, as the app remembers it. */
  readonly lastContact: LastContact | null
  /** The highest time proven so far. A clock that is behind it means `clock-tampered`. */
  readonly highestTimeSeen: Date | null
  /** The `kid` of the key that the license token names as its signer. */
  readonly signedWith: string | null
  /**
   * The keys that verified the signature: the app's own, given as `trustedKeys`; or else the keys that the server publishes
   * now, which does not prove that the app trusts them; or else none.
   */
  readonly verifiedWith: 'trusted-keys' | 'server-keys' | 'none'
}

/** The answers of the license server, and the way to it. */
export interface ServerFinding {
  readonly url: string
  /** Whether the option or the stored license named the server, or a statement of the vendor that it has moved. */
  readonly namedBy: 'option' | 'license' | 'statement'
  /**
   * - `ok`: a license server that can reach its storage.
   * - `unhealthy`: a license server that cannot reach its storage.
   * - `not-ours`: something else answers there, such as a login page.
   * - `unreachable`: nothing answers.
   */
  readonly health: 'ok' | 'unhealthy' | 'not-ours' | 'unreachable'
  readonly message: string
  /** The status of the answer to `GET /healthz`; null when none came. */
  readonly httpStatus: number | null
  /** The system's name for what went wrong, e.g. ECONNREFUSED. */
  readonly systemCode: string | null
  readonly milliseconds: number
  /** How far the server's clock is ahead of this computer's, to about a second; null when nobody reliable has told it. */
  readonly clockAheadSeconds: number | null
  /** How many signing keys the server publishes; null when it was not asked or did not say. */
  readonly publishedKeys: number | null
  readonly route: RouteFinding
}

/** The way that requests take. */
export interface RouteFinding {
  /** The proxy's URL without name and password; null when requests use no proxy. */
  readonly proxy: string | null
  readonly because: string
}
