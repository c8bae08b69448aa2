import { type EntityChange, remove } from '../../domain/decision'
import type { Answer, Value } from '../contract'
import { ITS_EVENT } from './delivery-verbs'
import { type Facts, lookFor } from './facts'
import { placeAfter } from './pages'
import { act, type Keeping, look } from './run-step'

const ACCOUNTS_AT_ONCE = 500

/** Where a page of accounts ended. */
type Place = readonly Value[]

interface AccountPage {
  /** The ids of those that have events to delete. */
  readonly due: readonly string[]
  readonly next: Place | null
}

/** Deletes events of all accounts that happened at or before an instant, the oldest first: at most `limit` of each account. */
export async function purgeEvents(keeping: Keeping, before: Date, limit: number): Promise<number> {
  let count = 0
  let after: Place | null = null
  do {
    const query = lookForAccounts(after)
    const page: AccountPage = await look(keeping, [query], ([found], facts) => readPage(found, facts, before))
    for (const accountId of page.due) count += await purgeOf(keeping, accountId, before, limit)
    after = page.next
  } while (after !== null)
  return count
}

/** Accounts, each with its oldest event. */
function lookForAccounts(after: Place | null) {
  const oldest = lookFor('event', { by: 'ofAccount', equal: [{ column: 'id' }], limit: 1 })
  return lookFor('account', {
    by: 'inserted',
    equal: [],
    limit: ACCOUNTS_AT_ONCE,
    follow: { oldest },
    ...(after && { after }),
  })
}

function readPage(accounts: Answer | undefined, facts: Facts, before: Date): AccountPage {
  const found = accounts?.rows ?? []
  const due = found.filter(({ followed }) => facts.all('event', followed.oldest).some(({ at }) => at <= before))
  const last = found.length === ACCOUNTS_AT_ONCE ? found.at(-1) : undefined
  return {
    due: due.map((one) => facts.entity('account', one).id),
    next: last === undefined ? null : placeAfter('account', 'inserted', [], last.row),
  }
}

/** Never one that a webhook is still to be told of, nor any after it. */
function purgeOf(keeping: Keeping, accountId: string, before: Date, limit: number): Promise<number> {
  const waiting = lookFor('delivery', { by: 'withStatus', equal: [accountId, 'pending'], limit: 1, follow: ITS_EVENT })
  return act(keeping, {
    queries: [lookFor('event', { by: 'ofAccount', equal: [accountId], limit }), waiting],
    decide([events, deliveries], facts) {
      const awaited = facts.one('event', deliveries?.rows[0]?.followed.event)
      const isWaiting = (deliveries?.rows ?? []).length > 0
      const until = isWaiting ? (awaited?.at.getTime() ?? 0) : Number.POSITIVE_INFINITY
      const doomed = facts.all('event', events).filter(({ at }) => at <= before && at.getTime() < until)
      return { outcome: doomed.length, changes: doomed.map((one): EntityChange => remove('event', one)) }
    },
  })
}
