// This file is longer than other files, since it documents every method of the kit beside the code that connects them.
import { randomUUID } from 'node:crypto'
import type { ActivationRequest } from '../protocol'
import { type Clock, SYSTEM_CLOCK } from '../waiting/clock'
import type { ActivateOptions, TrialOptions } from './actions/activate'
import { deactivate } from './actions/deactivate'
import type { LicenseDevices } from './actions/devices'
import { check } from './check/check'
import { timeNow } from './check/time-now'
import type { ChangeListener, LicenseWatch, RunningWatch } from './check/watch'
import { resolveDataDir } from './files/data-dir'
import type { CheckoutOptions, Floating } from './floating/floating-session'
import { type HostIdentity, resolveHostId } from './host/host-id'
import { type MachineProbes, SYSTEM_PROBES } from './host/machine-id'
import type { KitContext } from './kit-context'
import { type Config, type LicenseKitOptions, parseOptions } from './options'
import { createTokenCache } from './store/license-on-disk'
import type { KeySetStatus, RevocationListStatus } from './trust/describe-trust'
import type { Reading } from './trust/known-time'
import { createRevocationStore } from './trust/revocation-store'
import { createTrustedKeys } from './trust/trusted-keys'
import { createVerifiedTokens } from './trust/verified-tokens'
import { untilAborted } from './wire/until-aborted'
import type { DeactivateOptions, DeactivateResult } from './words/deactivate-result'
import type { LicenseCheck } from './words/license-check'
import type { WaitOptions } from './words/wait-options'

/**
 * One app's license on one host. An app makes one kit per process and keeps it.
 *
 * Every call that waits for the server takes a `signal`. Aborting it ends the wait, and the call rejects with its reason.
 * What the server, or this kit, has done by then stays done.
 */
export interface LicenseKit {
  /**
   * The id of this host, worked out once per process.
   * @throws {LicenseError} HOST_ID_UNAVAILABLE when there is no usable machine id and the data folder cannot be written
   */
  hostId(): Promise<HostIdentity>

  /**
   * Activates a license key on this host, online: takes an activation slot, or renews the slot that this host holds, and
   * stores the license token. A license that was stored before is replaced, and its slot stays taken: call `deactivate()`
   * first to change keys.
   *
   * The slot is bound to a key that the kit makes and stores with the token, so that somebody who knows only the hostId
   * cannot act for this host. When that key is lost (a reinstall), activating binds another: in its place where the kit can
   * derive who asks, from machine id and user or from `proofSecret`; else beside it, as another user's.
   *
   * @param licenseKey as the person typed it; case and outer white space do not matter. Default: the stored one, which a
   * refused license keeps, too
   * @returns what `check()` then says: normally `valid`; `clock-tampered` where this computer's clock is behind
   * @throws {TypeError} when `licenseKey` is no string, or an option is unknown
   * @throws {LicenseError} NOT_ACTIVATED when no license is stored and no key is given
   * @throws {LicenseError} LICENSE_NOT_FOUND when this product has no such key; ACTIVATION_LIMIT_REACHED,
   * LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, HOST_NOT_ALLOWED or WRONG_LICENSE_TYPE when the server does not
   * activate it; INVALID_REQUEST when the key, tag, version or device is malformed
   * @throws {LicenseError} ACTIVATION_NOT_FOUND when `replaceDevice` holds no slot; INSUFFICIENT_PERMISSIONS when the
   * vendor does not allow replacing a device
   * @throws {LicenseError} INVALID_ACCESS_TOKEN, INSUFFICIENT_PERMISSIONS, PROOF_INVALID, PROOF_REQUIRED or
   * SERVER_REFUSED when the server does not accept this app
   * @throws {LicenseError} SERVER_UNREACHABLE when no license server answered, after all tries; RATE_LIMITED, with
   * `detail.retryAfterSeconds` if the server says so; IDEMPOTENCY_IN_FLIGHT when the server is still busy with an earlier try
   * @throws {LicenseError} TOKEN_… when the server's answer cannot be verified
   * @throws {LicenseError} HOST_ID_UNAVAILABLE as `hostId()`; HOST_NOT_KEPT in a container that would be another host
   * each time it is made anew, or where the server asks for a key and none can be kept or derived
   *
   * In CI (`CI`, `GITHUB_ACTIONS` and the like) a process warning, KEYSLOT_CI_RUNNER, says before the slot is taken that a
   * floating license suits it better, unless `hostId` or `proofSecret` is given.
   */
  activate(licenseKey?: string, options?: ActivateOptions): Promise<LicenseCheck>

  /**
   * Says whether the app may run, without network. A check is cheap enough for a hot path: it looks up a verified token,
   * compares the clock, and reads the cache file only when a `stat` shows that the file has changed. It writes down the time
   * every five minutes at most.
   * @returns see {@link LicenseCheck}; a bad license is an answer and no error
   */
  check(): Promise<LicenseCheck>

  /**
   * The check for the start of an app: says what `check()` says, but where contact may mend it (`expired`, `grace`, refused, or
   * not known to the server), asks the server first. Waits for it up to `startTimeoutMs`; an answer that comes later is stored
   * all the same. A license that is good needs no network, and no wait.
   * @returns see {@link LicenseCheck}; a bad license or a missing network throws nothing
   */
  start(): Promise<LicenseCheck>

  /**
   * Asks the server, and renews the license token. A definite refusal (blocked, expired, deleted, freed on purpose) ends the
   * license: `check()` says `revoked`. What activating again needs is kept, and later calls go on asking and take a yes; a
   * deleted license that exists again under its key is activated by itself.
   *
   * A server that does not know the license, this host or its key, and names no reason, may have lost its data. The license
   * then runs to the end of its token, without grace, and each call tries to activate it once with the stored key.
   *
   * An answer that is not definite (offline, 5xx, 429, a captive portal's page, a refused access token) changes nothing but
   * `lastContact`. Calls that overlap share one request.
   *
   * Also delivers the tickets that `deactivate()` or an uninstaller left while offline. After the server has answered, it
   * fetches the revocation list and, at most once a day, the key set: best effort, each within `tryTimeoutMs`.
   * @returns what `check()` then says; a bad license or a missing network throws nothing
   */
  refresh(options?: WaitOptions): Promise<LicenseCheck>

  /**
   * Follows the license while the app runs. It looks at the license every quarter of an hour, and when a date in it passes.
   * It renews the license in the background, each host at a moment of its own some time before `refreshAfter`. After a
   * failure it tries again, first after a minute and in the end every hour. It notices the actions of this kit at once, and
   * the actions of other processes at the next look. Before it tells of an end that contact may mend, it asks the server, and
   * waits for it up to `startTimeoutMs`: a computer that wakes after its token has ended hears of no end. Its timers do not keep the process alive. They stand still while the
   * computer sleeps: call `look()` when it wakes.
   *
   * @param onChange called when an app would show something else: another status, reason, grant or end. A renewal alone is
   * no news. An error that it throws becomes a process warning.
   * @throws {TypeError} when `onChange` is no function; nothing else, also where the app's own `now` throws
   */
  watch(onChange?: (license: LicenseCheck) => unknown): Promise<LicenseWatch>

  /**
   * Gives up this host's activation within `deactivateTimeoutMs`, and always clears the stored license. Offline it throws
   * nothing: it keeps a ticket, which a later call delivers. A license that is stored for another host (a copied folder) is
   * cleared, and that host's slot stays taken.
   *
   * Where this computer has other users who use the license, they keep it, unless `forAll` says otherwise and the caller was
   * there before them.
   * @throws {TypeError} when an option is unknown
   * @throws the reason of an aborted `signal`: the license is cleared and the ticket kept all the same
   */
  deactivate(options?: DeactivateOptions): Promise<DeactivateResult>

  /**
   * Starts this host's trial of the product, online, or continues it. Each host has one trial, and reinstalling does not
   * lengthen it. No license key is needed. The trial is stored and checked like any license, and `activate()` with a license
   * key follows it. A license that was stored before is replaced.
   *
   * @returns what `check()` then says; `expiresAt` is the trial's end
   * @throws {TypeError} when an option is unknown
   * @throws {LicenseError} TRIAL_NOT_OFFERED when the product has no trial; LICENSE_EXPIRED when this host's trial is over
   * @throws {LicenseError} HOST_ID_UNAVAILABLE with `machineOnly`, where the machine has no id of its own
   * @throws {LicenseError} as `activate()` for the rest
   */
  startTrial(options?: TrialOptions): Promise<LicenseCheck>

  /**
   * Asks the server for the devices of a license, so that a person who has run out of slots can choose one to free. The
   * answer holds the device tags, and no hostIds or other names.
   *
   * @param licenseKey default: the stored one
   * @throws {TypeError} when `licenseKey` is no string
   * @throws {LicenseError} NOT_ACTIVATED when no license is stored and no key is given; LICENSE_NOT_FOUND when this product
   * has no such key; INVALID_REQUEST when the key is malformed; INSUFFICIENT_PERMISSIONS when the vendor does not allow
   * listing devices; INVALID_ACCESS_TOKEN or SERVER_REFUSED when the server does not accept this app
   * @throws {LicenseError} SERVER_UNREACHABLE, RATE_LIMITED as `activate()`; HOST_ID_UNAVAILABLE as `hostId()`
   */
  devices(licenseKey?: string, options?: WaitOptions): Promise<LicenseDevices>

  /**
   * Frees the slot of a device that is lost, sold or broken, online. That device loses the license at its next contact. The
   * vendor limits how often this is possible, by default to 5 times in 30 days. To give up this host's own slot, call
   * `deactivate()`.
   *
   * @param device as `devices()` names it
   * @param licenseKey default: the stored one
   * @throws {TypeError} when `device` or `licenseKey` is no string
   * @throws {LicenseError} ACTIVATION_NOT_FOUND when the device holds no slot; RATE_LIMITED, with
   * `detail.retryAfterSeconds`, when the vendor's limit is reached; LICENSE_BLOCKED
   * @throws {LicenseError} as `devices()` for the rest
   */
  freeDevice(device: string, licenseKey?: string, options?: WaitOptions): Promise<void>

  /**
   * Drops one user of a device, such as a stranger who knows the license key, online: that user's app loses the license at its
   * next contact, and cannot come back to the device. The device's other users go on.
   *
   * With the stored license, this user drops those of this device who came later, as often as comes. Users of other devices are
   * dropped as often as devices are freed.
   *
   * @param named device and user as `devices()` names them
   * @param licenseKey default: the stored one
   * @throws {TypeError} when device, user or `licenseKey` is no string
   * @throws {LicenseError} INSUFFICIENT_PERMISSIONS also when the user of this device came earlier than this one
   * @throws {LicenseError} ACTIVATION_NOT_FOUND when the device has no such user; otherwise as `freeDevice()`
   */
  dropUser(
    named: { readonly device: string; readonly user: string },
    licenseKey?: string,
    options?: WaitOptions,
  ): Promise<void>

  /** Seats of floating licenses. They are independent of the stored license that the other methods are about. */
  readonly floating: Floating

  /**
   * Makes the request for a license file, on a host without network. The vendor signs the request (`keyslot sign`) and sends
   * back a `.lic` file for `importLicenseFile()`. The request holds no secret; with a license key it is as confidential as
   * that key.
   *
   * @param licenseKey as the person typed it; leave it out when the vendor knows the license
   * @param path the file to write the request to, as JSON; a file that is there is replaced. Without a path the request is
   * only returned.
   * @throws {TypeError} when `licenseKey` is no string
   * @throws {LicenseError} INVALID_REQUEST when the key is empty or longer than 256 characters; FILE_UNWRITABLE, with the
   * system's error as `cause`; HOST_ID_UNAVAILABLE as `hostId()`
   */
  createActivationRequest(licenseKey?: string, path?: string): Promise<ActivationRequest>

  /**
   * Makes a `.lic` file this host's activation, without network. A license that was stored before is replaced, unless it is
   * of the same activation, as recent, and good for as long. When a server is reachable after all, `refresh()` and
   * `deactivate()` work as usual. A refresh keeps the file's license token while that token grants the same for longer.
   *
   * The file also brings the vendor's statements about new and revoked keys, so that a change of keys needs no network.
   *
   * With a file, `refreshDue` becomes true later: 14 days before the token runs out, unless the token's own `refreshAfter` is
   * later still. Then it is time to ask for the next file. The clock is watched as always. Importing a file again does not
   * hide a clock that was turned back. A file that was signed after every time known heals a clock that once ran ahead.
   *
   * @returns what `check()` then says; a file that has run out is stored, and the answer is `expired`
   * @throws {LicenseError} FILE_UNREADABLE, with the system's error as `cause`; LICENSE_FILE_MALFORMED when the file is no
   * license file, is larger than 128 KiB, or names another license key than its token; TOKEN_… when its token is not
   * genuine or not for this app, TOKEN_WRONG_PRODUCT and TOKEN_WRONG_HOST among them
   * @throws {LicenseError} LICENSE_REVOKED when the license is on the revocation list, or the server has refused this
   * activation since the file was signed
   * @throws {LicenseError} HOST_ID_UNAVAILABLE as `hostId()`
   */
  importLicenseFile(path: string): Promise<LicenseCheck>

  /**
   * Takes a signed revocation list that a person brought; `refresh()` fetches the list by itself. A license on the list is
   * `revoked` from then on. The list outlives `deactivate()`, so restoring or importing the license again does not help. An
   * older list takes nothing back that a newer one has said.
   *
   * @param pathOrText a file's path, or the signed list itself (a compact JWS, beginning with `eyJ`); at most 8 MiB
   * @returns what `check()` then says
   * @throws {TypeError} when `pathOrText` is no string
   * @throws {LicenseError} FILE_UNREADABLE, with the system's error as `cause`; REVOCATION_LIST_MALFORMED when the text is
   * no revocation list of this issuer for this product; REVOCATION_LIST_UNTRUSTED when no trusted key has signed it
   */
  importRevocationList(pathOrText: string): Promise<LicenseCheck>

  /**
   * Takes what the vendor has signed of a license server that is lost or has moved; from `statementsUrl` the kit takes it by
   * itself. Under a bridge (`keyslot keys bridge`), a license token that was good when the server was lost goes on, with status
   * `grace` and reason `SERVER_LOST`, until the server answers again, or to the end of the bridge. After a move
   * (`keyslot keys moved`), every call goes to the new address. A kit that is made with another `serverUrl` than the one it
   * had then goes by that.
   *
   * The newest statement of each kind counts. It is kept in the data folder as it was signed, and counts no more once its
   * signing key is revoked.
   *
   * @param textOrBytes the statement itself, or several, one per line; at most 12 MiB
   * @returns what `check()` then says
   * @throws {LicenseError} STATEMENT_MALFORMED when there is no statement of this issuer for this app in it;
   * STATEMENT_UNTRUSTED when no trusted key has signed it, or a revocation list in it; STATEMENT_OUTDATED when a newer one is
   * known
   */
  importStatement(textOrBytes: string | Uint8Array): Promise<LicenseCheck>

  /** What the kit knows about the revocation list, for support. */
  revocationList(): Promise<RevocationListStatus>

  /**
   * The signing keys that this app trusts, for support: the keys of `trustedKeys` and the keys that they vouch for, less the
   * keys that they revoke. The statements that say so come from the server or in a license file.
   */
  keySet(): Promise<KeySetStatus>
}

/** The parts of the system that a kit uses. Tests put in their own. */
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
 * const license = await kit.start() // every start; asks the server only where the license is over
 * await kit.watch((changed) => console.warn(changed.message)) // renews it in the background
 * ```
 */
export function createLicenseKit(options: LicenseKitOptions): LicenseKit {
  return composeLicenseKit(parseOptions(options), SYSTEM)
}

/** The time where the app's own clock fails: no date can be judged. */
const NO_TIME: Reading = { wall: Number.NaN, uptime: Number.NaN }

/** Makes the parts of a kit and connects them; `actions/online.ts` does so for the parts that talk to the server. */
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
    statements: onceUnlessFailed(async () => (await import('./trust/statements')).createStatements(context)),
    boot: { startedAt: undefined, serverAheadSeconds: undefined },
    hostId: onceUnlessFailed(() => resolveHostId({ ...config, dataDir, probes: system.probes })),
  }
  // A part that a check does not need is loaded when it is used.
  const online = onceUnlessFailed(async () => (await import('./actions/online')).createOnline(context))
  const ofDevices = async () => (await import('./actions/devices')).devices(online)
  const floating = onceUnlessFailed(async () => {
    const { createFloating } = await import('./floating/checkout')
    return createFloating((await online()).context)
  })
  const checkNow = () => check(context)
  const checkWithoutClocks = () => check({ ...context, config: { ...config, readClocks: () => NO_TIME } })
  const refresh = singleFlight(async () => {
    const server = await online().catch(() => undefined)
    return server === undefined ? await checkNow() : await server.refresh()
  })
  const watches = new Set<RunningWatch>()
  /** Lets every watch check again after an action, also after one that failed: the license may have changed. */
  const noticed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      for (const watch of watches) void watch.notice()
    }
  }
  // The methods use a closure, so the kit has no property that a logger could print with the configuration in it.
  return Object.freeze({
    hostId: () => context.hostId(),
    activate: async (licenseKey?: string, options?: ActivateOptions) =>
      await noticed((await online()).activate(licenseKey, options)),
    check: checkNow,
    async start() {
      const part = await import('./check/start').catch(() => undefined)
      if (part === undefined) return await checkNow()
      const parts = { startTimeoutMs: config.startTimeoutMs, check: checkNow, refresh }
      return await noticed(part.start(parts))
    },
    refresh: (options?: WaitOptions) => noticed(untilAborted(refresh, options?.signal)),
    async watch(onChange: ChangeListener = () => undefined) {
      if (typeof onChange !== 'function') throw new TypeError('a listener must be a function')
      const { startWatch } = await import('./check/watch')
      const onStop = (stopped: RunningWatch) => watches.delete(stopped)
      const { startTimeoutMs } = config
      const nowMs = () => Math.round(timeNow(context) * 1000)
      const parts = { ...system, nowMs, startTimeoutMs, check: checkNow, refresh, onStop }
      const watch = startWatch(parts, await checkNow().catch(checkWithoutClocks), onChange)
      watches.add(watch)
      return watch
    },
    deactivate: ({ signal, ...options }: DeactivateOptions = {}) =>
      noticed(untilAborted(() => deactivate(context, online, options), signal)),
    startTrial: async (options?: TrialOptions) => await noticed((await online()).startTrial(options)),
    devices: async (...asked: Parameters<LicenseKit['devices']>) => (await ofDevices()).devices(...asked),
    freeDevice: async (...asked: Parameters<LicenseKit['freeDevice']>) => (await ofDevices()).freeDevice(...asked),
    dropUser: async (...asked: Parameters<LicenseKit['dropUser']>) => (await ofDevices()).dropUser(...asked),
    floating: Object.freeze({
      checkout: async (licenseKey: string, options?: CheckoutOptions) =>
        await (await floating()).checkout(licenseKey, options),
    }),
    async createActivationRequest(licenseKey?: string, path?: string) {
      const { createActivationRequest } = await import('./actions/create-activation-request')
      return await createActivationRequest(context, licenseKey, path)
    },
    async importLicenseFile(path: string) {
      const { importLicenseFile } = await import('./actions/import-license-file')
      return await noticed(importLicenseFile((await online()).context, path))
    },
    async importRevocationList(pathOrText: string) {
      const { importRevocationList } = await import('./actions/import-revocation-list')
      return await noticed(importRevocationList(context, pathOrText))
    },
    async importStatement(textOrBytes: string | Uint8Array) {
      const { importStatement } = await import('./actions/import-statement')
      return await noticed(importStatement(context, textOrBytes))
    },
    async revocationList() {
      const { describeRevocations } = await import('./trust/describe-trust')
      return await describeRevocations(context.revocations)
    },
    async keySet() {
      const { describeKeySet } = await import('./trust/describe-trust')
      return await describeKeySet(trustedKeys)
    },
  })
}

/** Runs the work once. When it fails, the next call runs it again. */
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
