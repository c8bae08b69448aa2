import { latest } from './calendar'
import type { HostKey } from './host-keys'
import type { Proof } from './proof'

/** How many lost keys of one user are still taken: folders of their own that a user has for one host go on side by side. */
const MAX_FORMER_KEYS = 4

/** True where the key is this user's: the one it shows, the one it can derive anew, or one that was succeeded. */
export function isKeyOf({ thumbprint, recovery, former }: HostKey, key: string | null | undefined): boolean {
  if (key === null || key === undefined) return false
  return key === thumbprint || key === recovery || former.includes(key)
}

/** The user of the host who shows a key, or the recovery key of one that is lost. */
export function findUser(keys: readonly HostKey[], { proofKey, recoveryKey }: Proof): HostKey | undefined {
  return keys.find((one) => isKeyOf(one, proofKey)) ?? keys.find((one) => isKeyOf(one, recoveryKey))
}

/** True where a key that the host does not know is shown, and the recovery key of one that it knows: the user has lost that one. */
export function isSuccession(keys: readonly HostKey[], { proofKey, recoveryKey }: Proof): boolean {
  return !keys.some((one) => isKeyOf(one, proofKey)) && keys.some((one) => isKeyOf(one, recoveryKey))
}

/** The recovery key that is bound beside the shown one: none that is another user's. */
export function recoveryFor(keys: readonly HostKey[], { proofKey, recoveryKey = null }: Proof): string | null {
  const isTaken = recoveryKey === proofKey || keys.some((one) => isKeyOf(one, recoveryKey) && !isKeyOf(one, proofKey))
  return isTaken ? null : recoveryKey
}

/** The user once a new key has succeeded the lost one: with its rank, its time, and no new count. */
export function succeed(user: HostKey, { proofKey, recoveryKey = null }: Proof, tokensEndAt: Date, now: Date): HostKey {
  const seen = { usedAt: latest(user.usedAt, now), tokensEndAt: latest(user.tokensEndAt, tokensEndAt), leftAt: null }
  if (isKeyOf(user, proofKey) || proofKey === null || proofKey === undefined) return { ...user, ...seen }
  const recovery = recoveryKey ?? user.recovery
  const former = [user.thumbprint, ...user.former].filter((key) => key !== recovery).slice(0, MAX_FORMER_KEYS)
  // The numbers of its license tokens are those of the key.
  const { renewals: _renewals, ...rest } = user
  return { ...rest, ...seen, thumbprint: proofKey, recovery, former }
}
