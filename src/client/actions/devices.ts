import { LicenseError } from '../../protocol'
import { isCount, isInstant, isRecord } from '../../protocol/json'
import type { OnlineContext } from '../kit-context'
import { findActivation } from '../store/same-license'
import type { ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import { errorFor } from '../wire/answer-error'
import { createProofKey } from '../wire/proof'
import { assertKnown } from '../words/assert-known'
import { errorSentence } from '../words/error-sentences'
import type { WaitOptions } from '../words/wait-options'
import { keyOrStored } from './key-or-stored'
import { withSignal } from './with-signal'

/** A user of a device: whoever shows one key, or has lost it and goes on with another. */
export interface DeviceUser {
  /** The user's name for `kit.dropUser()`. */
  readonly user: string
  /** When the user came. */
  readonly since: Date
  /** When the user asked the server last, to within five minutes. */
  readonly lastSeenAt: Date
  /** True for the user of the stored license. */
  readonly thisUser: boolean
}

/** A device on which a license is in use. */
export interface Device {
  /** The device's name for `kit.freeDevice()` and for `replaceDevice` of `kit.activate()`. */
  readonly device: string
  /** The tag given at its activation, e.g. "Ada's laptop"; null when there was none. */
  readonly deviceTag: string | null
  readonly activatedAt: Date
  /** When the device asked the server last, to within five minutes. */
  readonly lastSeenAt: Date
  /** True for this host. */
  readonly thisDevice: boolean
  /** True when the device has given up the license but its slot is not free yet. */
  readonly resting: boolean
  /** Who uses the device, the oldest first; none where it never showed a key, or the server is one of before 1.0. */
  readonly users: readonly DeviceUser[]
}

/** The devices on which a license is in use. */
export interface LicenseDevices {
  /** How many devices the license allows; null for any number. */
  readonly maxActivations: number | null
  /** How many slots are taken, resting ones included. */
  readonly activations: number
  /** The latest first, at most 1,000. */
  readonly devices: readonly Device[]
}

const WAIT_OPTIONS: Record<keyof WaitOptions, true> = { signal: true }

/** What a kit does about the devices of a license. */
export function devices(online: () => Promise<{ readonly context: OnlineContext }>) {
  return {
    devices: async (...asked: Asked<typeof listDevices>) => await listDevices((await online()).context, ...asked),
    freeDevice: async (...asked: Asked<typeof freeDevice>) => await freeDevice((await online()).context, ...asked),
    dropUser: async (...asked: Asked<typeof dropUser>) => await dropUser((await online()).context, ...asked),
  }
}

type Asked<F> = F extends (online: OnlineContext, ...asked: infer Rest) => unknown ? Rest : never

/** Lists the devices of a license; see `LicenseKit.devices`. */
export async function listDevices(
  online: OnlineContext,
  licenseKey?: string,
  options: WaitOptions = {},
): Promise<LicenseDevices> {
  assertKnown(options, WAIT_OPTIONS)
  return await withSignal(online, options.signal, (context) => list(context, licenseKey))
}

async function list(context: OnlineContext, licenseKey: string | undefined): Promise<LicenseDevices> {
  const { config, post } = context
  const key = await keyOrStored(context, licenseKey)
  const { hostId } = await context.hostId()
  const body = { productId: config.productId, licenseKey: key, hostId }
  const { totalTimeoutMs } = config
  const answer = successOf(
    await post({
      endpoint: config,
      path: '/key/devices',
      body,
      proofKey: await proofKeyOf(context, key),
      totalTimeoutMs,
    }),
  )
  const { maxActivations, activations, devices } = answer.body
  const read = Array.isArray(devices) ? devices.map(readDevice) : [undefined]
  if (!isCount(activations) || (maxActivations !== null && !isCount(maxActivations)) || !read.every(isDefined)) {
    throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
  }
  return { maxActivations, activations, devices: read }
}

/** Frees the slot of a device; see `LicenseKit.freeDevice`. */
async function freeDevice(
  online: OnlineContext,
  device: string,
  licenseKey?: string,
  options: WaitOptions = {},
): Promise<void> {
  if (typeof device !== 'string') throw new TypeError('freeDevice needs a device, as devices() names it')
  assertKnown(options, WAIT_OPTIONS)
  await withSignal(online, options.signal, (context) => change(context, 'free', { device }, licenseKey))
}

/** Drops a user of a device; see `LicenseKit.dropUser`. */
async function dropUser(
  online: OnlineContext,
  named: { readonly device: string; readonly user: string },
  licenseKey?: string,
  options: WaitOptions = {},
): Promise<void> {
  const { device, user } = named
  if (typeof device !== 'string' || typeof user !== 'string') {
    throw new TypeError('dropUser needs a device and a user, as devices() names them')
  }
  assertKnown(options, WAIT_OPTIONS)
  await withSignal(online, options.signal, (context) => change(context, 'drop-user', { device, user }, licenseKey))
}

async function change(
  context: OnlineContext,
  step: 'free' | 'drop-user',
  named: object,
  licenseKey: string | undefined,
): Promise<void> {
  const { config, post } = context
  const key = await keyOrStored(context, licenseKey)
  const body = { productId: config.productId, licenseKey: key, ...named }
  const { totalTimeoutMs } = config
  const idempotencyKey = context.randomId()
  const proofKey = await proofKeyOf(context, key)
  const path = `/key/devices/${step}`
  successOf(await post({ endpoint: config, path, body, proofKey, idempotencyKey, totalTimeoutMs }))
}

/** The key of the stored license, so that what others free in its name is not counted for it; else any. */
async function proofKeyOf({ cache }: OnlineContext, licenseKey: string): Promise<ProofKey> {
  const { state } = await cache.read()
  return findActivation(state, licenseKey)?.proofKey ?? createProofKey()
}

function successOf(answer: Answer): Extract<Answer, { kind: 'success' }> {
  if (answer.kind !== 'success') throw errorFor(answer)
  return answer
}

/** Undefined when the entry does not have our protocol's shape. */
function readDevice(value: unknown): Device | undefined {
  if (!isRecord(value)) return undefined
  const { device, deviceTag, activatedAt, lastSeenAt, thisDevice, resting, users } = value
  if (typeof device !== 'string' || !isInstant(activatedAt) || !isInstant(lastSeenAt)) return undefined
  if (deviceTag !== null && typeof deviceTag !== 'string') return undefined
  const read = Array.isArray(users) ? users.map(readUser) : []
  if (!read.every(isDefined)) return undefined
  const times = { activatedAt: new Date(activatedAt), lastSeenAt: new Date(lastSeenAt) }
  return { device, deviceTag, ...times, thisDevice: thisDevice === true, resting: resting === true, users: read }
}

function readUser(value: unknown): DeviceUser | undefined {
  if (!isRecord(value)) return undefined
  const { user, since, lastSeenAt, thisUser } = value
  if (typeof user !== 'string' || !isInstant(since) || !isInstant(lastSeenAt)) return undefined
  return { user, since: new Date(since), lastSeenAt: new Date(lastSeenAt), thisUser: thisUser === true }
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined
}
