import { latest } from './calendar'
import type { Proof } from './proof'

/** The keys of one user of a host. */
export interface UserKeys {
  /** The JWK thumbprint (RFC 7638) of the key that is shown. */
  readonly thumbprint: string
  /**
   * The thumbprint of the key that the user can derive anew, from what the computer and its user are: whoever shows it has
   * lost the other, and succeeds it. Null where none was shown.
   */
  readonly recovery: string | null
  /** The keys that were lost and succeeded, the latest first. */
  readonly former: readonly string[]
}

/** What a user is seen by. */
interface SeenUser extends UserKeys {
  readonly usedAt: Date
  readonly tokensEndAt: Date
  readonly leftAt: Date | null
}

/** How many lost keys of one user are still taken: folders of their own that a user has for one host go on side by side. */
const MAX_FORMER_KEYS = 4

/** True where the key is this user's: the one it shows, the one it can derive anew, or one that was succeeded. */
export function isKeyOf({ thumbprint, recovery, former }: UserKeys, key: string | null | undefined): boolean {
  if (key === null || key === undefined) return false
  return key === thumbprint || key === recovery || former.includes(key)
}

/** The user of the host who shows a key, or the recovery key of one that is lost. */
export function findUser<U extends UserKeys>(users: readonly U[], { proofKey, recoveryKey }: Proof): U | undefined {
  return users.find((one) => isKeyOf(one, proofKey)) ?? users.find((one) => isKeyOf(one, recoveryKey))
}

/** True where a key that the host does not know is shown, and the recovery key of one that it knows: the user has lost that one. */
export function isSuccession(users: readonly UserKeys[], { proofKey, recoveryKey }: Proof): boolean {
  return !users.some((one) => isKeyOf(one, proofKey)) && users.some((one) => isKeyOf(one, recoveryKey))
}

/** The recovery key that is bound beside the shown one: none that is another user's. */
export function recoveryFor(users: readonly UserKeys[], { proofKey, recoveryKey = null }: Proof): string | null {
  const isTaken = recoveryKey === proofKey || users.some((one) => isKeyOf(one, recoveryKey) && !isKeyOf(one, proofKey))
  return isTaken ? null : recoveryKey
}

/** The user once a new key has succeeded the lost one: with its rank, its time, and no new count. */
export function succeed<U extends SeenUser>(
  user: U,
  { proofKey, recoveryKey = null }: Proof,
  tokensEndAt: Date,
  now: Date,
): U {
  const seen = { usedAt: latest(user.usedAt, now), tokensEndAt: latest(user.tokensEndAt, tokensEndAt), leftAt: null }
  if (isKeyOf(user, proofKey) || proofKey === null || proofKey === undefined) return { ...user, ...seen }
  const recovery = recoveryKey ?? user.recovery
  const former = [user.thumbprint, ...user.former].filter((key) => key !== recovery).slice(0, MAX_FORMER_KEYS)
  return { ...user, ...seen, thumbprint: proofKey, recovery, former }
}
