import { type EntityChange, remove } from '../../domain/decision'
import type { Answer, Value } from '../contract'
import { ITS_EVENT, settleDelivery } from './delivery-verbs'
import { type Facts, lookFor } from './facts'
import { placeAfter } from './pages'
import { act, type Keeping, look } from './run-step'

const ACCOUNTS_AT_ONCE = 500
const GIVEN_UP_TOGETHER = 64

/** `lastError` of a delivery that was still pending when its event went. */
const EVENT_NOT_KEPT = 'the event is no longer kept'

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

async function purgeOf(keeping: Keeping, accountId: string, before: Date, limit: number): Promise<number> {
  await giveUpDeliveries(keeping, accountId, before)
  return await act(keeping, {
    queries: [lookFor('event', { by: 'ofAccount', equal: [accountId], limit })],
    decide([events], facts) {
      const doomed = facts.all('event', events).filter(({ at }) => at <= before)
      return { outcome: doomed.length, changes: doomed.map((one): EntityChange => remove('event', one)) }
    },
  })
}

/** Gives up what webhooks are still to be told of events that are no longer kept: one may have been paused all the time. */
async function giveUpDeliveries(keeping: Keeping, accountId: string, before: Date): Promise<void> {
  const oldest = {
    by: 'withStatus',
    equal: [accountId, 'pending'],
    limit: GIVEN_UP_TOGETHER,
    follow: ITS_EVENT,
  } as const
  for (;;) {
    const old = await look(keeping, [lookFor('delivery', oldest)], ([deliveries], facts) =>
      (deliveries?.rows ?? []).flatMap((one) => {
        const event = facts.one('event', one.followed.event)
        return event !== null && event.at > before ? [] : [facts.entity('delivery', one)]
      }),
    )
    const dead = { kind: 'dead', error: EVENT_NOT_KEPT } as const
    await Promise.all(old.map(({ id, attempts }) => settleDelivery(keeping, id, attempts, dead)))
    if (old.length < GIVEN_UP_TOGETHER) return
  }
}
