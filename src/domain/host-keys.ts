import { latest } from './calendar'
import { findUser, isKeyOf, recoveryFor, succeed, type UserKeys } from './host-user'
import type { Proof } from './proof'
import type { Renewals } from './renewals'

/** A proof key that a host has shown: that of one user of a computer, or of one installation. */
export interface HostKey extends UserKeys {
  readonly boundAt: Date
  readonly usedAt: Date
  /** Until when a license token given to its holder can be of use. */
  readonly tokensEndAt: Date
  /** Set where the host had as many users as it may: until then it is given license tokens all the same. */
  readonly until: Date | null
  /** Since when its user has given the host up, while others go on. It keeps its rank, and may come back. */
  readonly leftAt: Date | null
  /** The license tokens its holder was given; absent until it has shown one some time after it was bound. */
  readonly renewals?: Renewals
  /** Since when somebody else has dropped it: it is bound to this host no more, and `leftAt` is set too. */
  readonly droppedAt: Date | null
}

/**
 * How many keys a slot remembers. Beyond it the youngest that nobody uses any more makes room: no older one loses its rank. Else
 * the youngest whose user has given the host up does, so that nobody fills a slot by binding keys and leaving.
 */
export const MAX_HOST_KEYS = 32

/** A key that was not used for so long is no user any more, once its tokens have ended. */
const USER_KEPT_MS = 30 * 86_400_000
/** How long one user too many goes on. */
const ONE_TOO_MANY_MS = 7 * 86_400_000
/** A younger key frees a slot so long after the tokens of all older keys have ended, and the vendor has changed anything. */
const OLDER_AWAY_MS = 14 * 86_400_000

/** What a slot knows of who acts for its host. */
export interface KeyedSlot {
  /** The keys that its host's users must prove to hold, in the order of binding, which is their seniority; none where they need not. */
  readonly keys: readonly HostKey[]
  /** Until when a license token can be of use that was given without a key being shown; null where none was. */
  readonly keylessEndAt: Date | null
}

/**
 * True where a call that shows no key may act for the host: it has none, or was activated without one and still has tokens
 * from then. Binding a key takes nothing from those who show none.
 */
export function takesKeyless({ keys, keylessEndAt }: KeyedSlot, now: Date): boolean {
  return keys.length === 0 || (keylessEndAt !== null && keylessEndAt > now)
}

/** The key that is shown, where the slot knows it and still takes it. */
export function shownKey({ keys }: KeyedSlot, { proofKey }: Proof, now: Date): HostKey | undefined {
  const known = keys.find((one) => isKeyOf(one, proofKey))
  return known === undefined || known.leftAt !== null || isOver(known, now) ? undefined : known
}

function isOver({ until }: HostKey, now: Date): boolean {
  return until !== null && until <= now
}

/**
 * The key whose user the vendor acts for who shows none: the oldest. None where the host takes calls without a key: it was
 * activated so, and nobody who binds a key gets its license tokens.
 */
export function ofVendor(slot: KeyedSlot, { trusted }: Proof, now: Date): HostKey | undefined {
  return trusted === true && !takesKeyless(slot, now) ? slot.keys.find(({ leftAt }) => leftAt === null) : undefined
}

/** True where the caller was one user too many, and its time is over. */
export function hasOutstayed(slot: KeyedSlot, proof: Proof, now: Date): boolean {
  return slot.keys.some((one) => isKeyOf(one, proof.proofKey) && one.leftAt === null && isOver(one, now))
}

/**
 * True where the caller acts for the host: the vendor does, and so does the holder of a key of the slot, or whoever shows none
 * where that is enough.
 */
export function isProven(slot: KeyedSlot, proof: Proof, now: Date): boolean {
  if (proof.trusted === true || shownKey(slot, proof, now) !== undefined) return true
  return slot.keys.length === 0 || ((proof.proofKey ?? null) === null && takesKeyless(slot, now))
}

/**
 * When the caller may free or move the slot; null where it acts for the host no more. A key may from when the tokens of all
 * older keys ended long ago: whoever merely knows license key and hostId binds the youngest, and takes nothing from anybody.
 *
 * @param changedAt when the vendor last changed the license: it may not have served until then, and nobody could renew
 */
export function mayChangeFrom(slot: KeyedSlot, proof: Proof, now: Date, changedAt: Date): Date | null {
  if (!isProven(slot, proof, now)) return null
  const known = shownKey(slot, proof, now)
  if (proof.trusted === true || known === undefined || takesKeyless(slot, now)) return now
  // The tokens of those that were dropped are revoked.
  const older = slot.keys.slice(0, slot.keys.indexOf(known)).filter(({ droppedAt }) => droppedAt === null)
  return older.map(({ tokensEndAt }) => endOfAbsence(latest(tokensEndAt, changedAt))).reduce(latest, now)
}

/** Until when those who could have called since then may still come back, before a younger one disposes of the slot. */
export function endOfAbsence(since: Date): Date {
  return new Date(since.getTime() + OLDER_AWAY_MS)
}

/** True where the caller may free or move the slot now. */
export function mayChange(slot: KeyedSlot, proof: Proof, now: Date, changedAt: Date): boolean {
  const from = mayChangeFrom(slot, proof, now, changedAt)
  return from !== null && from <= now
}

/** Keys that count as users of the host. */
export function usersOf({ keys }: Pick<KeyedSlot, 'keys'>, now: Date): readonly HostKey[] {
  return keys.filter((one) => {
    if (one.leftAt !== null || isOver(one, now)) return false
    return one.tokensEndAt > now || one.usedAt.getTime() > now.getTime() - USER_KEPT_MS
  })
}

/** Users of the host besides the one who shows this key. */
export function otherUsers(slot: KeyedSlot, { proofKey }: Proof, now: Date): readonly HostKey[] {
  return usersOf(slot, now).filter((one) => !isKeyOf(one, proofKey))
}

/** True where the caller is older than one who has given the slot up, or is the vendor: its call cancels that. */
export function cancelsRelease({ keys }: KeyedSlot, { proofKey, trusted }: Proof): boolean {
  const rank = keys.findIndex((one) => isKeyOf(one, proofKey))
  return (
    trusted === true ||
    (rank >= 0 && keys.slice(rank + 1).some(({ leftAt, droppedAt }) => leftAt !== null && droppedAt === null))
  )
}

/** How a key is bound. */
export interface Binding {
  /** How many users a host may have; undefined for as many as are remembered. */
  readonly usersPerHost: number | undefined
  readonly tokensEndAt: Date
}

/**
 * The keys once another is bound, as the youngest; in the place of its user's lost one where it shows that one's recovery key.
 * `users-exceeded` where the host has as many users as it may, and one too many already. Nobody is revoked by another's coming.
 */
export function bindKey(
  slot: KeyedSlot,
  proof: Proof,
  binding: Binding,
  now: Date,
): readonly HostKey[] | 'users-exceeded' {
  const { usersPerHost = MAX_HOST_KEYS, tokensEndAt } = binding
  const user = findUser(slot.keys, proof)
  if (user !== undefined && !isOver(user, now)) {
    // Whoever comes back is no newcomer.
    const back = { ...ofItsKey(succeed(user, proof, tokensEndAt, now), user), droppedAt: null }
    return slot.keys.map((one) => (one === user ? back : one))
  }
  const others = slot.keys.filter((one) => one !== user)
  const before = makeRoom(others, now)
  const users = usersOf({ keys: before }, now)
  const bound = newKey(proof, others, tokensEndAt, now)
  if (users.length < usersPerHost && before.length < MAX_HOST_KEYS) return [...before, bound]
  const isFirst = !slot.keys.some(({ until, leftAt }) => until !== null && leftAt === null)
  if (!isFirst || before.length >= MAX_HOST_KEYS) return 'users-exceeded'
  return [...before, { ...bound, until: new Date(now.getTime() + ONE_TOO_MANY_MS) }]
}

/** The numbers of license tokens are those of a key: one that succeeds another begins anew. */
function ofItsKey(after: HostKey, { thumbprint }: HostKey): HostKey {
  if (after.thumbprint === thumbprint) return after
  const { renewals: _renewals, ...rest } = after
  return rest
}

/** A key that is shown for the first time. */
export function newKey(proof: Proof, others: readonly HostKey[], tokensEndAt: Date, now: Date): HostKey {
  const { proofKey } = proof
  if (proofKey === undefined || proofKey === null) throw new TypeError('there is no key to bind')
  const recovery = recoveryFor(others, proof)
  return {
    thumbprint: proofKey,
    boundAt: now,
    usedAt: now,
    tokensEndAt,
    until: null,
    leftAt: null,
    droppedAt: null,
    recovery,
    former: [],
  }
}

/** @see MAX_HOST_KEYS */
function makeRoom(keys: readonly HostKey[], now: Date): readonly HostKey[] {
  if (keys.length < MAX_HOST_KEYS) return keys
  const users = usersOf({ keys }, now)
  const isOver = ({ tokensEndAt }: HostKey) => tokensEndAt <= now
  const idle = keys.findLast((one) => isOver(one) && one.droppedAt === null && !users.includes(one))
  const left = () => keys.findLast((one) => one.leftAt !== null && (one.droppedAt === null || isOver(one)))
  const leaving = idle ?? left()
  return keys.filter((one) => one !== leaving)
}

/** The keys once the holder of one was seen, with a license token good until `tokensEndAt`. */
export function seeKey(
  keys: readonly HostKey[],
  shown: HostKey,
  by: Proof,
  tokensEndAt: Date,
  now: Date,
): readonly HostKey[] {
  return keys.map((one) =>
    one === shown
      ? {
          ...one,
          usedAt: latest(one.usedAt, now),
          tokensEndAt: latest(one.tokensEndAt, tokensEndAt),
          recovery: learnt(keys, one, by) ?? one.recovery,
        }
      : one,
  )
}

/** True where the caller shows another recovery key beside its own than it had: what that is derived from has changed. */
export function teachesRecovery({ keys }: KeyedSlot, by: Proof): boolean {
  const shown = keys.find((one) => isKeyOf(one, by.proofKey))
  const recovery = shown && learnt(keys, shown, by)
  return recovery !== null && recovery !== undefined && recovery !== shown?.recovery
}

/** From whoever shows the key itself: the one before is nobody's any more. */
function learnt(keys: readonly HostKey[], shown: HostKey, by: Proof): string | null {
  return shown.thumbprint === by.proofKey ? recoveryFor(keys, by) : null
}

/** True where the caller shows a key of a user whom somebody else has dropped. */
export function isDropped({ keys }: Pick<KeyedSlot, 'keys'>, { proofKey, recoveryKey }: Proof): boolean {
  return keys.some((one) => one.droppedAt !== null && (isKeyOf(one, proofKey) || isKeyOf(one, recoveryKey)))
}
