import { randomUUID } from 'node:crypto'
import type { ActivationRequest, LicenseErrorCode } from '../protocol'
import type { ActivateOptions, TrialOptions } from './actions/activate'
import type { LicenseDevices } from './actions/devices'
import type { Online } from './actions/online'
import { readStatus } from './check/read-status'
import type { ChangeListener, LicenseWatch, RunningWatch } from './check/watch'
import { resolveDataDir } from './files/data-dir'
import type { CheckoutOptions, Floating } from './floating/floating-session'
import { type HostIdentity, resolveHostId } from './host/host-id'
import { type MachineProbes, SYSTEM_PROBES } from './host/machine-id'
import type { KitContext } from './kit-context'
import { type Config, type LicenseKitOptions, parseOptions } from './options'
import { NOTHING } from './store/cache-record'
import { createTokenCache } from './store/token-cache'
import { createRevocationStore } from './trust/revocation-store'
import { createTrustedKeys } from './trust/trusted-keys'
import { createVerifiedTokens } from './trust/verified-tokens'
import { type Clock, SYSTEM_CLOCK } from './words/clock'
import { type DeactivateResult, NOTHING_TO_FREE } from './words/deactivate-result'
import type { LicenseCheck } from './words/license-check'
import { createTimeMark } from './words/time-mark'

/** One app's license on one host. Make one per process and keep it. */
export interface LicenseKit {
  /**
   * Which host this is, worked out once per process.
   * @throws {LicenseError} HOST_ID_UNAVAILABLE when there is no usable machine id and the data folder cannot be written
   */
  hostId(): Promise<HostIdentity>

  /**
   * Activates a license key on this host, online: takes an activation slot, or renews the one this host holds, and
   * stores the license token. Replaces whatever license was stored before, without freeing its slot: call
   * `deactivate()` first to change keys.
   *
   * The slot is bound to a key that the kit makes and stores with the token, so that nobody can act for this host who
   * knows its hostId alone. Where that key is lost (a reinstall), activating binds the slot anew, a few times a day.
   *
   * @param licenseKey as the person typed it; case and outer white space do not matter
   * @returns what `check()` then says: normally `valid`; `clock-tampered` where this computer's clock is behind
   * @throws {TypeError} when `licenseKey` is no string, or an option is unknown
   * @throws {LicenseError} LICENSE_NOT_FOUND when the key is none of this product; ACTIVATION_LIMIT_REACHED,
   * LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, HOST_NOT_ALLOWED or WRONG_LICENSE_TYPE when the server will not
   * activate it; INVALID_REQUEST when key, tag, version or device are malformed
   * @throws {LicenseError} ACTIVATION_NOT_FOUND when `replaceDevice` holds no slot; INSUFFICIENT_PERMISSIONS when the
   * vendor lets nobody replace a device
   * @throws {LicenseError} INVALID_ACCESS_TOKEN, INSUFFICIENT_PERMISSIONS, PROOF_INVALID, PROOF_REQUIRED or
   * SERVER_REFUSED when the server does not accept this app
   * @throws {LicenseError} SERVER_UNREACHABLE when no answer of a license server came, after all tries; RATE_LIMITED,
   * with `detail.retryAfterSeconds` where the server says so; IDEMPOTENCY_IN_FLIGHT when it is still busy with an earlier try
   * @throws {LicenseError} TOKEN_… when its answer cannot be verified
   * @throws {LicenseError} HOST_ID_UNAVAILABLE as `hostId()`
   */
  activate(licenseKey: string, options?: ActivateOptions): Promise<LicenseCheck>

  /**
   * Whether the app may run, without network. Cheap enough for a hot path: a verified token is looked up, the clock is
   * compared, and the cache file is read only when a `stat` shows that it changed. Every five minutes at most it
   * writes down the time.
   * @returns never throws for a bad license: see {@link LicenseCheck}
   */
  check(): Promise<LicenseCheck>

  /**
   * Asks the server, and renews the license token. A definite no (blocked, expired, deleted, this host's activation
   * gone or bound to another key) clears the stored license, and `check()` says `revoked` from then on. Anything
   * indefinite (offline, 5xx, 429, a captive portal's page, a refused access token) changes nothing. Calls that overlap
   * share one request. Also delivers tickets that `deactivate()` or an uninstaller left while offline, and, once a server has answered, fetches
   * the revocation list and, at most once a day, the key set: best effort, each within `tryTimeoutMs`.
   * @returns what `check()` then says; never throws for a bad license or for being offline
   */
  refresh(): Promise<LicenseCheck>

  /**
   * Follows the license while the app runs: looks at it every quarter of an hour, and when it is about to change; renews
   * it in the background, each host at a moment of its own some time before `refreshAfter`, and again after a failure, first
   * after a minute, in the end every hour. Notices what is done with this kit at once, and what other processes do at the
   * next look. Its timers keep no process alive, and stand still while the computer sleeps: call `look()` when it wakes.
   *
   * @param onChange told when an app would show something else: another status, reason, grant or end. A renewal alone is no
   * news. What it throws becomes a process warning.
   * @throws {TypeError} when `onChange` is no function
   */
  watch(onChange?: (license: LicenseCheck) => unknown): Promise<LicenseWatch>

  /**
   * Gives up this host's activation, within `deactivateTimeoutMs`, and always clears the stored license. Never throws
   * for being offline: a ticket is kept then. A license stored for another host (a copied folder) is cleared without
   * freeing that host's slot.
   */
  deactivate(): Promise<DeactivateResult>

  /**
   * Starts this host's trial of the product, online, or goes on with it: each host has one, which ends when it ends,
   * reinstalled or not. No license key is needed; the trial is stored and checked like any license, and `activate()`
   * with a license key follows it. Replaces whatever license was stored before.
   *
   * @returns what `check()` then says; `expiresAt` is the trial's end
   * @throws {TypeError} when an option is unknown
   * @throws {LicenseError} TRIAL_NOT_OFFERED when the product has none; LICENSE_EXPIRED when this host's is over
   * @throws {LicenseError} as `activate()` for the rest
   */
  startTrial(options?: TrialOptions): Promise<LicenseCheck>

  /**
   * Asks the server where a license is in use, for a person who has run out of slots to choose what to free. Tells no
   * hostId and no name but the device tags.
   *
   * @param licenseKey default: the stored one
   * @throws {TypeError} when `licenseKey` is no string
   * @throws {LicenseError} NOT_ACTIVATED when no license is stored and no key given; LICENSE_NOT_FOUND when the key is
   * none of this product; INVALID_REQUEST when it is malformed; INSUFFICIENT_PERMISSIONS when the vendor lets nobody
   * see devices; INVALID_ACCESS_TOKEN or SERVER_REFUSED when the server does not accept this app
   * @throws {LicenseError} SERVER_UNREACHABLE, RATE_LIMITED as `activate()`; HOST_ID_UNAVAILABLE as `hostId()`
   */
  devices(licenseKey?: string): Promise<LicenseDevices>

  /**
   * Frees the slot of a device that is lost, sold or broken, online. That device loses the license at its next
   * contact. The vendor limits how often, by default to 5 times in 30 days. To give up this host's own slot, call
   * `deactivate()`.
   *
   * @param device as `devices()` names it
   * @param licenseKey default: the stored one
   * @throws {TypeError} when `device` or `licenseKey` is no string
   * @throws {LicenseError} ACTIVATION_NOT_FOUND when that device holds no slot; RATE_LIMITED, with
   * `detail.retryAfterSeconds`, when no more can be freed for now; LICENSE_BLOCKED
   * @throws {LicenseError} as `devices()` for the rest
   */
  freeDevice(device: string, licenseKey?: string): Promise<void>

  /** Seats of floating licenses. They have nothing to do with the stored license that the other methods are about. */
  readonly floating: Floating

  /**
   * Asks, from a host without network, for a license file: the vendor signs the request (`keyslot sign`) and sends
   * back a `.lic` for `importLicenseFile()`. Holds no secret; with a license key it is as confidential as that key.
   *
   * @param licenseKey as the person typed it; leave out where the vendor knows which license is meant
   * @param path where to write the request, as JSON, over what is there; leave out to have it only returned
   * @throws {TypeError} when `licenseKey` is no string
   * @throws {LicenseError} INVALID_REQUEST when it is empty or longer than 256 characters; FILE_UNWRITABLE, with the
   * system's error as `cause`; HOST_ID_UNAVAILABLE as `hostId()`
   */
  createActivationRequest(licenseKey?: string, path?: string): Promise<ActivationRequest>

  /**
   * Takes a `.lic` file as this host's activation, without network. Replaces whatever license was stored before,
   * unless that is of the same activation, as recent, and good for as long. Where a server is reachable after all,
   * `refresh()` and `deactivate()` work as usual; a refresh keeps the file's license token while it grants the same
   * for longer.
   *
   * The file brings along what the vendor's keys say of each other: a change of keys is followed without network, too.
   *
   * `refreshDue` leaves an air gap in peace: it is true from the later of the token's own `refreshAfter` and 14 days
   * before it runs out, when it is time to ask for the next file. The clock is watched as ever; importing a file again
   * does not undo a clock turned back, while a file signed later than everything known heals one that once ran ahead.
   *
   * @returns what `check()` then says: an outdated file is stored, and `expired`
   * @throws {LicenseError} FILE_UNREADABLE, with the system's error as `cause`; LICENSE_FILE_MALFORMED when it is no
   * license file, larger than 128 KiB, or names another license key than its token; TOKEN_… when its token is not
   * genuine or not for this app, TOKEN_WRONG_PRODUCT and TOKEN_WRONG_HOST among them
   * @throws {LicenseError} LICENSE_REVOKED when it is on the revocation list, or the server has refused this
   * activation since the file was signed
   * @throws {LicenseError} HOST_ID_UNAVAILABLE as `hostId()`
   */
  importLicenseFile(path: string): Promise<LicenseCheck>

  /**
   * Takes a signed revocation list carried by hand; `refresh()` fetches it by itself. A license on it is `revoked`
   * from then on, as is whatever brings it back: the list outlives `deactivate()`. It also proves the time it was
   * signed at.
   *
   * @param pathOrText a file's path, or the signed list itself (a compact JWS, beginning with `eyJ`); at most 4 MiB
   * @returns what `check()` then says
   * @throws {TypeError} when `pathOrText` is no string
   * @throws {LicenseError} FILE_UNREADABLE, with the system's error as `cause`; REVOCATION_LIST_MALFORMED when it is
   * no revocation list of this issuer; REVOCATION_LIST_UNTRUSTED when no trusted key has signed it;
   * REVOCATION_LIST_OUTDATED when a newer one is known
   */
  importRevocationList(pathOrText: string): Promise<LicenseCheck>

  /** What is known of the revocation list, for support. */
  revocationList(): Promise<RevocationListStatus>

  /**
   * Which signing keys this app trusts, for support: those of `trustedKeys`, and those they vouch for in statements the
   * server publishes or a license file brings; less those revoked that way.
   */
  keySet(): Promise<KeySetStatus>
}

/** What a kit knows of the revocation list. */
export interface RevocationListStatus {
  /** Of the newest list seen; null when there was none. */
  readonly version: number | null
  /** When that list was signed. */
  readonly signedAt: Date | null
  /** Why the last `refresh()` of this process could take no list; null when it did, or none has asked for one. */
  readonly lastProblem: LicenseErrorCode | null
}

/** Which signing keys a kit trusts. */
export interface KeySetStatus {
  /** The `kid`s of the keys trusted. */
  readonly trusted: readonly string[]
  /** Of the newest statement taken; null when none was: the keys of `trustedKeys` are trusted, and no others. */
  readonly version: number | null
  /** When the server's keys last changed, as that statement says. */
  readonly changedAt: Date | null
  /** Why nothing came of the key set this process fetched last; null when all is well, or it fetched none. */
  readonly lastProblem: LicenseErrorCode | null
}

/** What the composition takes from the system; tests put in their own. */
export interface KitSystem {
  readonly probes: MachineProbes
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly randomId: () => string
}

const SYSTEM: KitSystem = {
  probes: SYSTEM_PROBES,
  clock: SYSTEM_CLOCK,
  random: Math.random,
  randomId: randomUUID,
}

/**
 * Makes the license kit of an app. No I/O happens before the first call.
 *
 * @throws {TypeError} for an unknown or malformed option, a secret access token, a private or unsuitable trusted key
 * @throws {LicenseError} INSECURE_SERVER_URL for plain http to a host other than loopback
 * @example
 * ```ts
 * const kit = createLicenseKit({ serverUrl, productId, accessToken: 'pk_…', trustedKeys: [publicJwk], appName: 'acme-editor' })
 * await kit.activate(licenseKey) // once, online
 * const license = await kit.check() // every start, offline
 * await kit.watch((changed) => console.warn(changed.message)) // renews it in the background
 * ```
 */
export function createLicenseKit(options: LicenseKitOptions): LicenseKit {
  return composeLicenseKit(parseOptions(options), SYSTEM)
}

/** Where a kit's parts are wired; those that talk to the server, in `online.ts`. */
export function composeLicenseKit(config: Config, system: KitSystem): LicenseKit {
  const dataDir = resolveDataDir(config.appName, config.dataDir)
  const trustedKeys = createTrustedKeys(dataDir, config.trustStore, config.issuer)
  const context: KitContext = {
    ...system,
    config,
    dataDir,
    cache: createTokenCache(dataDir, config.secretStore),
    trustedKeys,
    verifiedTokens: createVerifiedTokens(trustedKeys, config),
    revocations: createRevocationStore(dataDir, trustedKeys, config.issuer),
    timeMark: createTimeMark(),
    hostId: onceUnlessFailed(() => resolveHostId({ ...config, dataDir, probes: system.probes })),
  }
  // What a check does not need is loaded where it is used.
  const online = onceUnlessFailed(async () => (await import('./actions/online')).createOnline(context))
  const floating = onceUnlessFailed(async () => {
    const [{ createFloating }, server] = await Promise.all([import('./floating/checkout'), online()])
    return createFloating(server.context)
  })
  const check = () => readStatus(context)
  const refresh = singleFlight(async () => {
    const server = await online().catch(() => undefined)
    return server === undefined ? await check() : await server.refresh()
  })
  const watches = new Set<RunningWatch>()
  /** Whatever came of it, the license may be another now. */
  const noticed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      for (const watch of watches) void watch.notice()
    }
  }
  // Methods over a closure: nothing of the configuration hangs on the kit for a logger to print.
  return Object.freeze({
    hostId: () => context.hostId(),
    activate: async (licenseKey: string, options?: ActivateOptions) =>
      await noticed((await online()).activate(licenseKey, options)),
    check,
    refresh: () => noticed(refresh()),
    async watch(onChange: ChangeListener = () => undefined) {
      if (typeof onChange !== 'function') throw new TypeError('a listener must be a function')
      const { startWatch } = await import('./check/watch')
      const onStop = (stopped: RunningWatch) => watches.delete(stopped)
      const parts = { ...system, now: config.now, check, refresh, onStop }
      const watch = startWatch(parts, await check(), onChange)
      watches.add(watch)
      return watch
    },
    deactivate: () => noticed(deactivate(context, online)),
    startTrial: async (options?: TrialOptions) => await noticed((await online()).startTrial(options)),
    async devices(licenseKey?: string) {
      const [{ listDevices }, server] = await Promise.all([import('./actions/devices'), online()])
      return await listDevices(server.context, licenseKey)
    },
    async freeDevice(device: string, licenseKey?: string) {
      const [{ freeDevice }, server] = await Promise.all([import('./actions/devices'), online()])
      await freeDevice(server.context, device, licenseKey)
    },
    floating: Object.freeze({
      checkout: async (licenseKey: string, options?: CheckoutOptions) =>
        await (await floating()).checkout(licenseKey, options),
    }),
    async createActivationRequest(licenseKey?: string, path?: string) {
      const { createActivationRequest } = await import('./actions/create-activation-request')
      return await createActivationRequest(context, licenseKey, path)
    },
    async importLicenseFile(path: string) {
      const [{ importLicenseFile }, server] = await Promise.all([import('./actions/import-license-file'), online()])
      return await noticed(importLicenseFile(server.context, path))
    },
    async importRevocationList(pathOrText: string) {
      const { importRevocationList } = await import('./actions/import-revocation-list')
      return await noticed(importRevocationList(context, pathOrText))
    },
    revocationList: () => describeRevocations(context),
    keySet: () => describeKeySet(context),
  })
}

async function describeRevocations({ revocations }: KitContext): Promise<RevocationListStatus> {
  const { version = null, iat } = (await revocations.newest()) ?? {}
  return { version, signedAt: iat === undefined ? null : new Date(iat * 1000), lastProblem: revocations.lastProblem }
}

async function describeKeySet({ trustedKeys }: KitContext): Promise<KeySetStatus> {
  const { kids: trusted } = await trustedKeys.current()
  const { version = null } = (await trustedKeys.newest()) ?? {}
  const { lastProblem } = trustedKeys
  return { trusted, version, changedAt: version === null ? null : new Date(version), lastProblem }
}

/**
 * The part that frees the slot may be gone, where an update or an uninstaller has removed the app's files under its
 * running process. What is stored is cleared all the same; the slot is left to the server's own expiry.
 */
async function deactivate(context: KitContext, online: () => Promise<Online>): Promise<DeactivateResult> {
  const startedAt = performance.now()
  const { state } = await context.cache.read()
  const activation = state.kind === 'activation' ? state.activation : undefined
  const ours = activation !== undefined && (await isOurs(context, activation.hostId))
  const server = await online().catch(() => undefined)
  if (server === undefined) {
    await context.cache.update(() => NOTHING)
    return ours ? { outcome: 'queued-offline', persisted: false } : NOTHING_TO_FREE
  }
  const totalTimeoutMs = Math.max(1, context.config.deactivateTimeoutMs - (performance.now() - startedAt))
  return await server.release(ours ? activation : undefined, totalTimeoutMs)
}

/** Where this host cannot be told, the cache is believed: better a slot freed than one lost. */
async function isOurs(context: KitContext, hostId: string): Promise<boolean> {
  const own = await context.hostId().catch(() => undefined)
  return own === undefined || own.hostId === hostId
}

/** Runs once; a failure is tried again at the next call. */
function onceUnlessFailed<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().catch((error: unknown) => {
      running = undefined
      throw error
    })
    return running
  }
}

/** Calls that overlap share one run. */
function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}
