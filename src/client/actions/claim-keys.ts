import { LicenseError } from '../../protocol'
import { looseForm, pastedKeys } from '../../protocol/license-key-text'
import type { HostIdentity } from '../host/host-id'
import { isGoneWithContainer } from '../host/lasting-folder'
import { findMachineId } from '../host/machine-id'
import type { OnlineContext } from '../kit-context'
import { ensureKeptKey } from '../store/kept-key'
import { findActivation, isSameKey } from '../store/same-license'
import { deriveProofKey } from '../trust/derived-key'
import type { ProofKey } from '../trust/proof-key'
import { errorSentence } from '../words/error-sentences'

/** The keys that a host shows when it claims a slot. */
export interface ClaimKeys {
  /** Undefined where none would be the same at the next start: each start would be another user. */
  readonly proofKey: ProofKey | undefined
  /** A key that this user can derive anew when the other is lost; undefined where there is none, or it is the other. */
  readonly recoveryKey: ProofKey | undefined
}

/**
 * The keys to claim a slot with: the stored one, else the one that the data folder keeps, else a derived one, which no folder
 * need keep, else none.
 *
 * @param licenseKey undefined for a trial: the server chooses the license
 * @throws {LicenseError} HOST_NOT_KEPT when this container would be another host each time it is made anew
 */
export async function claimKeys(
  context: OnlineContext,
  identity: HostIdentity,
  licenseKey: string | undefined,
): Promise<ClaimKeys> {
  const { config, dataDir, probes } = context
  const stored = await findStoredKey(context, licenseKey)
  const isPassing =
    stored === undefined && identity.container && dataDir !== undefined && (await isGoneWithContainer(dataDir, probes))
  if (isPassing && identity.source === 'installation') throw notKept()
  const derived = await deriveKey(context, identity, licenseKey)
  // What is gone with the container would have to be succeeded each time.
  const proofKey =
    stored ?? (isPassing ? derived : undefined) ?? (await ensureKeptKey(dataDir, config.secretStore)) ?? derived
  return { proofKey, recoveryKey: derived?.x === proofKey?.x ? undefined : derived }
}

/**
 * The key that is stored with the license, or was until it was refused. For a trial it is the stored key of any license, since
 * the license is not known yet.
 */
async function findStoredKey({ cache }: OnlineContext, licenseKey: string | undefined): Promise<ProofKey | undefined> {
  const { state } = await cache.read()
  const kept = state.kind === 'refused' && typeof state.recovery === 'object' ? state.recovery : undefined
  if (licenseKey === undefined) return state.kind === 'activation' ? state.activation.proofKey : kept?.proofKey
  if (kept !== undefined && isSameKey(kept.licenseKey, licenseKey)) return kept.proofKey
  return findActivation(state, licenseKey)?.proofKey
}

/**
 * The key that follows from the app's `proofSecret` and the hostId; else from the raw machine id, which nobody is sent, and from
 * the user of the computer. A container's machine id is its image's, and says nothing.
 */
async function deriveKey(
  { config, probes }: OnlineContext,
  { hostId, container }: HostIdentity,
  licenseKey: string | undefined,
): Promise<ProofKey | undefined> {
  const license = licenseKey === undefined ? ['trial', config.productId] : ['license', foldKey(licenseKey)]
  if (config.proofSecret !== undefined) return deriveProofKey(config.proofSecret, ['secret', hostId, ...license])
  if (container) return undefined
  const { machineId } = await findMachineId(probes)
  const user = machineId === undefined ? undefined : readUser(probes.user)
  return machineId === undefined || user === undefined
    ? undefined
    : deriveProofKey(machineId, ['machine', user, ...license])
}

/** A person may type separators, case and look-alikes otherwise the next time, or paste a label with them. */
function foldKey(licenseKey: string): string {
  const key = pastedKeys(licenseKey).at(-1) ?? licenseKey
  return looseForm(key) || key
}

function readUser(user: () => string): string | undefined {
  try {
    return user()
  } catch {
    return undefined
  }
}

/** The error where nothing that lasts tells who this host is. */
export function notKept(): LicenseError {
  return new LicenseError('HOST_NOT_KEPT', errorSentence('HOST_NOT_KEPT'))
}
