import { readStatus } from '../check/read-status'
import type { OnlineContext } from '../kit-context'
import { assertKnown } from '../options'
import { assertLicenseKey } from '../words/assert-license-key'
import type { LicenseCheck } from '../words/license-check'
import { claimSlot, type SlotClaim } from './claim-slot'

/** What the server may be told about this activation. */
export interface ActivateOptions {
  /** Shown to the vendor beside the host, e.g. "Ada's laptop"; 1 to 64 characters. */
  readonly deviceTag?: string | undefined
  /** This app's version; 1 to 32 characters. */
  readonly version?: string | undefined
  /**
   * Takes the slot of this device, as `kit.devices()` names it, instead of a free one: that device loses the license at
   * its next contact. Where this host holds a slot already, nothing is taken from anybody.
   */
  readonly replaceDevice?: string | undefined
}

/** What the server may be told about a trial. */
export type TrialOptions = Pick<ActivateOptions, 'deviceTag' | 'version'>

const TRIAL_OPTIONS: Record<keyof TrialOptions, true> = { deviceTag: true, version: true }
const ACTIVATE_OPTIONS: Record<keyof ActivateOptions, true> = { ...TRIAL_OPTIONS, replaceDevice: true }

/** Claims an activation slot and stores the license token; see `LicenseKit.activate`. */
export async function activate(
  context: OnlineContext,
  licenseKey: string,
  options: ActivateOptions = {},
): Promise<LicenseCheck> {
  const key = assertLicenseKey(licenseKey)
  assertKnown(options, ACTIVATE_OPTIONS)
  return await claim(context, { path: '/key/activate', licenseKey: key, fields: options })
}

/** Claims this host's one trial; see `LicenseKit.startTrial`. */
export async function startTrial(context: OnlineContext, options: TrialOptions = {}): Promise<LicenseCheck> {
  assertKnown(options, TRIAL_OPTIONS)
  return await claim(context, { path: '/key/trial', fields: options })
}

async function claim(context: OnlineContext, slotClaim: SlotClaim): Promise<LicenseCheck> {
  const { config, tickets } = context
  const { licenseKey } = slotClaim
  const { hostId } = await context.hostId()

  // Slots given up offline are freed first: this very activation may need one. What is about to be activated again is
  // not freed on the way.
  const deadline = performance.now() + config.totalTimeoutMs
  const ticketsMs = Math.min(config.deactivateTimeoutMs, config.totalTimeoutMs / 2)
  const except = licenseKey === undefined ? {} : { except: { licenseKey, hostId } }
  await tickets.deliver({ ...except, totalTimeoutMs: ticketsMs })

  await tickets.discard(await claimSlot(context, slotClaim, Math.max(1, deadline - performance.now())))
  return await readStatus(context)
}
