import { DEFAULT_ACCOUNT_ID } from '../../domain/account'
import { type Counter, type EntityChange, insert, replace } from '../../domain/decision'
import { BELIEVED_AT, CLAIMED_AT, type JudgedTime, judgeTime, NO_CLAIM } from '../../domain/vouched-time'
import { lookUp } from './facts'
import { act, type Keeping } from './run-step'

/** Judges a clock by what the store knows of the time, and remembers what comes of it. A new store believes who made it. */
export function judgeClock(keeping: Keeping, now: Date): Promise<JudgedTime> {
  return act(keeping, {
    queries: [
      lookUp('counter', [BELIEVED_AT]),
      lookUp('counter', [CLAIMED_AT]),
      lookUp('account', [DEFAULT_ACCOUNT_ID]),
    ],
    decide([believed, claimed, accounts], facts) {
      const [believedAt, claimedAt] = [facts.one('counter', believed), facts.one('counter', claimed)]
      const known = {
        believedAt: believedAt?.value ?? facts.one('account', accounts)?.createdAt.getTime() ?? 0,
        claimedAt: claimedAt?.value ?? NO_CLAIM,
      }
      const judged = judgeTime(known, now.getTime())
      return {
        outcome: judged,
        changes: [
          ...keep(BELIEVED_AT, believedAt, judged.believedAt),
          ...keep(CLAIMED_AT, claimedAt, judged.claimedAt),
        ],
      }
    },
  })
}

function keep(name: string, counter: Counter | null, value: number): readonly EntityChange[] {
  if (counter === null) return [insert('counter', { name, value })]
  return counter.value === value ? [] : [replace('counter', counter, { name, value })]
}
