import { isLicenseError, LicenseError } from '../../protocol'
import { check } from '../check/check'
import type { OnlineContext } from '../kit-context'
import { findActivation } from '../store/same-license'
import { assertKnown } from '../words/assert-known'
import { checkSentence } from '../words/check-sentences'
import { shortTag } from '../words/device-tag'
import type { LicenseCheck } from '../words/license-check'
import type { WaitOptions } from '../words/wait-options'
import { adviseFloating } from './advise-floating'
import { claimSlot, type SlotClaim } from './claim-slot'
import { keyOrStored } from './key-or-stored'
import { withSignal } from './with-signal'

/** What an app may tell the server about an activation. */
export interface ActivateOptions extends WaitOptions {
  /** Shown to the vendor beside the host, e.g. "Ada's laptop". What is beyond 64 characters is left out. */
  readonly deviceTag?: string | undefined
  /** This app's version; 1 to 32 characters. */
  readonly version?: string | undefined
  /**
   * The device whose slot this host takes, as `kit.devices()` names it, instead of a free slot. That device loses the
   * license at its next contact. When this host holds a slot already, no device loses one.
   */
  readonly replaceDevice?: string | undefined
}

/** What an app may tell the server about a trial. */
export interface TrialOptions extends Pick<ActivateOptions, 'deviceTag' | 'version' | 'signal'> {
  /**
   * True for no trial on a host that has no id of its machine's: an id of this installation is another one once the data folder is
   * deleted. It stops nobody who patches the app, makes ids up or starts virtual machines. Default false.
   */
  readonly machineOnly?: boolean | undefined
}

const COMMON_OPTIONS = { deviceTag: true, version: true, signal: true } as const
const TRIAL_OPTIONS: Record<keyof TrialOptions, true> = { ...COMMON_OPTIONS, machineOnly: true }
const ACTIVATE_OPTIONS: Record<keyof ActivateOptions, true> = { ...COMMON_OPTIONS, replaceDevice: true }

/** `activate()` itself: claims an activation slot and stores the license token; see `LicenseKit.activate`. */
export async function activate(
  context: OnlineContext,
  licenseKey: string | undefined,
  options: ActivateOptions = {},
): Promise<LicenseCheck> {
  assertKnown(options, ACTIVATE_OPTIONS)
  const key = await keyOrStored(context, licenseKey)
  const { state } = await context.cache.read()
  const stored = findActivation(state, key)
  if (stored === undefined) adviseFloating(context)
  // A server that has forgotten this host takes it back by its token, also where all slots are taken.
  const token = stored?.unknownSince === undefined ? {} : { licenseToken: stored.licenseToken }
  const slotClaim = { path: '/key/activate', licenseKey: key, fields: { ...fieldsOf(options), ...token } } as const
  return await claim(context, slotClaim, options).catch(async (error: unknown) => {
    if (!isLicenseError(error, 'ACTIVATION_LIMIT_REACHED') || options.signal?.aborted) throw error
    const part = await import('./name-devices').catch(() => undefined)
    throw (await part?.namingDevices(context, key, error)) ?? error
  })
}

/** `startTrial()` itself: claims the one trial of this host; see `LicenseKit.startTrial`. */
export async function startTrial(
  context: OnlineContext,
  { machineOnly, ...options }: TrialOptions = {},
): Promise<LicenseCheck> {
  assertKnown({ machineOnly, ...options }, TRIAL_OPTIONS)
  if (machineOnly === true && (await context.hostId()).source === 'installation') {
    throw new LicenseError('HOST_ID_UNAVAILABLE', checkSentence('HOST_ID_UNAVAILABLE'))
  }
  return await claim(context, { path: '/key/trial', fields: fieldsOf(options) }, options)
}

/** An absent field is not sent. */
function fieldsOf({ signal: _, ...options }: ActivateOptions): object {
  return { ...options, deviceTag: shortTag(options.deviceTag) }
}

async function claim(context: OnlineContext, slotClaim: SlotClaim, { signal }: WaitOptions): Promise<LicenseCheck> {
  return await withSignal(context, signal, (scoped) => claimInTime(scoped, slotClaim))
}

async function claimInTime(context: OnlineContext, slotClaim: SlotClaim): Promise<LicenseCheck> {
  const { config, tickets } = context
  const { licenseKey } = slotClaim
  const { hostId } = await context.hostId()

  // Slots that were given up offline are freed first: this activation may need one of them. The slot of the license that
  // is about to be activated again is not freed.
  const deadline = performance.now() + config.totalTimeoutMs
  const ticketsMs = Math.min(config.deactivateTimeoutMs, config.totalTimeoutMs / 2)
  const except = licenseKey === undefined ? {} : { except: { licenseKey, hostId } }
  await tickets.deliver({ ...except, totalTimeoutMs: ticketsMs })

  await tickets.discard(await claimSlot(context, slotClaim, Math.max(1, deadline - performance.now())))
  return await check(context)
}
