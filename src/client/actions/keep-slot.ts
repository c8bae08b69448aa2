import { refusalOf } from '../check/refusal'
import { timeNow } from '../check/time-now'
import { folderEvidence } from '../host/folder-evidence'
import { type CachedActivation, type CacheState, type Contact, isAbout } from '../store/cache-record'
import { earlierHostsOf, following } from '../store/seen-hosts'
import type { RevokedReason } from '../words/license-check'
import type { Asking } from './asking'
import { contactCode, isRevokedReason, refusalIn } from './verdict'

/** What ends a license on every host. A host whose id is another one is told more that concerns its new id alone. */
const OF_THE_LICENSE: readonly RevokedReason[] = [
  'REVOKED',
  'LICENSE_BLOCKED',
  'LICENSE_EXPIRED',
  'CUSTOMER_INACTIVE',
  'WRONG_LICENSE_TYPE',
]

/**
 * Keeps the slot of a host whose id is another one, with its stored key and proof: nobody types a license key. A slot that this
 * host holds already is used. Else the one that it had moves to it; but a copy of the data folder asks for a free slot first. What
 * comes of it is stored. A host that was freed on purpose takes no slot unasked.
 */
export async function keepSlot(asking: Asking, activation: CachedActivation): Promise<void> {
  const { licenseKey, licenseToken, proofKey } = activation
  const { cache } = asking.context
  const answer = await asking.validate(licenseKey, proofKey)
  const granted = await asking.read(answer, proofKey)
  if (granted !== undefined) {
    await cache.update(inPlaceOf(licenseToken, (found) => following(found, granted.activation)))
    return await asking.takeNews(answer)
  }
  await asking.takeNews(answer)
  const code = refusalIn(answer) === 'ACTIVATION_NOT_FOUND' ? await claim(asking, activation) : contactCode(answer)
  if (code === undefined) return
  const contact = asking.contact(code)
  const isOver = isRevokedReason(code) && OF_THE_LICENSE.includes(code)
  const refusal = isOver ? await refusalOf(asking.context, activation, code, contact) : undefined
  await cache.update((found) => {
    if (refusal !== undefined && isAbout(found, licenseToken)) return refusal
    return inPlaceOf(licenseToken, (known) => ({ ...known, contact }))(found)
  })
}

function inPlaceOf(licenseToken: string, change: (known: CachedActivation) => CachedActivation) {
  return (found: CacheState): CacheState | undefined =>
    found.kind === 'activation' && isAbout(found, licenseToken)
      ? { kind: 'activation', activation: change(found.activation) }
      : undefined
}

/** @returns why no slot was had; undefined where one was */
async function claim(asking: Asking, activation: CachedActivation): Promise<Contact['code'] | undefined> {
  const { licenseKey, licenseToken, hostId, proofKey } = activation
  const { verifiedTokens, revocations } = asking.context
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  // Once the token has ended, the server may have forgotten that the slot was freed. Then a person decides.
  const isLive = claims !== undefined && timeNow(asking.context) < claims.exp
  if (!isLive) return 'ACTIVATION_NOT_FOUND'
  if (await revocations.revokes(claims, {})) return 'ACTIVATION_REVOKED'
  if (await isCopy(asking, activation)) {
    const code = await asking.claim(licenseKey, { previousHostIds: [] })
    if (code !== 'ACTIVATION_LIMIT_REACHED') return code
  }
  return await asking.claim(licenseKey, { licenseToken })
}

/**
 * Whether the folder is not the one that the license was activated in, as far as can be told; or several hosts share it, and take
 * turns.
 */
async function isCopy({ context }: Asking, activation: CachedActivation): Promise<boolean> {
  const { hostId } = await context.hostId()
  if (earlierHostsOf(activation).includes(hostId)) return true
  const folder = await folderEvidence(context.dataDir, activation.hostId)
  return folder === undefined || folder !== activation.folder
}
