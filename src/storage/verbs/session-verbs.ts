import { decideCheckout } from '../../domain/decide-checkout'
import { decideCheckin, decideHeartbeat } from '../../domain/decide-heartbeat'
import { only } from '../../domain/decision'
import { isLive, type NewSession } from '../../domain/session'
import type { Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import { lookFor, lookUp } from './facts'
import { ofItsLicense } from './generations'
import { besides, lookForTarget, OWN_CUSTOMER, targetOf } from './license-target'
import { type Keeping, look, mutate } from './run-step'
import type { SessionVerbs } from './session-contract'
import type { ClaimSessionOutcome, FindSessionOutcome } from './store'

/** The lapsed sessions that a checkout removes, at most: those that lapsed last. */
const LAPSED = 64

export function sessionVerbs(keeping: Keeping): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      mutate<ClaimSessionOutcome>(keeping, accountId, step, {
        queries: lookForTarget(target, { ...OWN_CUSTOMER, ...seatsOf(session, step.now) }),
        decide([licenses, products], facts) {
          const found = licenses?.rows[0]
          if (found === undefined) return only({ kind: 'gone' })
          const { seat, live, lapsed, taken } = found.followed
          const decided = decideCheckout(
            {
              accountId,
              license: facts.entity('license', found),
              product: facts.one('product', products),
              customer: besides(facts, found).customer,
              seat: facts.one('session', seat),
              live: live?.count ?? 0,
              lapsed: facts.all('session', lapsed),
            },
            session,
            step.now,
          )
          if (decided.outcome.kind === 'created') refuseTakenId(facts.one('session', taken))
          return decided
        },
      }),

    findSession: (accountId, target, now) =>
      look<FindSessionOutcome>(keeping, lookForTarget(target, sessionOf(target)), (answers, facts) => {
        const named = targetOf(facts, answers, accountId, target)
        if ('kind' in named) return { kind: 'gone' }
        const { license, found } = named
        const session = facts.one('session', found.followed.session)
        return session !== null && isLive(session, now) ? { kind: 'found', license, session } : { kind: 'not-found' }
      }),

    renewSession: (accountId, target, nonces, step) =>
      mutate(keeping, accountId, step, {
        queries: lookForTarget(target, sessionOf(target)),
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target)
          if ('kind' in named) return only({ kind: 'gone' })
          const { license, found } = named
          return decideHeartbeat(license, facts.one('session', found.followed.session), nonces, step.now)
        },
      }),

    releaseSession: (accountId, target, nonce, step) =>
      mutate(keeping, accountId, step, {
        queries: lookForTarget(target, sessionOf(target)),
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target)
          if ('kind' in named) return only({ kind: 'gone' })
          const { license, found } = named
          return decideCheckin(license, facts.one('session', found.followed.session), nonce, step.now)
        },
      }),

    listSessions: (accountId, licenseId, now, { limit, offset = 0 }) =>
      look(
        keeping,
        [
          lookUp('license', [licenseId], {
            follow: { started: lookFor('session', { by: 'started', equal: ofItsLicense('session') }) },
          }),
        ],
        ([licenses], facts) => {
          if (facts.one('license', licenses)?.accountId !== accountId) return { items: [], total: 0 }
          const live = facts
            .all('session', licenses?.rows[0]?.followed.started)
            .filter((session) => isLive(session, now))
          return { items: live.slice(offset, offset + limit), total: live.length }
        },
      ),
  }
}

/** What a checkout must know of a license's sessions. */
function seatsOf({ id, hostId, userIdentifier }: NewSession, now: Date): NonNullable<Query['follow']> {
  const license = ofItsLicense('session')
  const instant = now.getTime()
  return {
    seat: lookUp('session', [...license, hostId, userIdentifier], { by: 'seat' }),
    taken: lookUp('session', [...license, id]),
    live: lookFor('session', { by: 'lease', equal: license, range: { above: instant }, limit: 0, count: true }),
    lapsed: lookFor('session', {
      by: 'lease',
      equal: license,
      range: { to: instant },
      descending: true,
      limit: LAPSED,
    }),
  }
}

function sessionOf({ sessionId }: { readonly sessionId: string }): NonNullable<Query['follow']> {
  return { session: lookUp('session', [...ofItsLicense('session'), sessionId]) }
}
