import { decideCheckout } from '../../domain/decide-checkout'
import { decideCheckin, decideHeartbeat } from '../../domain/decide-heartbeat'
import { only } from '../../domain/decision'
import { isLive, type NewSession, type Session, seatKeyOf } from '../../domain/session'
import type { Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import { lookFor, lookUp } from './facts'
import { ofItsLicense } from './generations'
import { besides, lookForTarget, OWN_CUSTOMER, targetOf } from './license-target'
import { PAGE_ROWS, readOn } from './read-on'
import { type Keeping, look, mutate } from './run-step'
import type { SessionVerbs } from './session-contract'
import type { ClaimSessionOutcome, FindSessionOutcome } from './store'

/** The lapsed sessions that a checkout removes, at most: those that lapsed last. */
const LAPSED = 64

/** The seats of a host's user that the vendor's own checkout looks at, at most. */
const SEATS = 16

export function sessionVerbs(keeping: Keeping): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      mutate<ClaimSessionOutcome>(keeping, accountId, step, {
        queries: lookForTarget(target, { ...OWN_CUSTOMER, ...seatsOf(session, step.now) }),
        decide([licenses, products], facts) {
          const found = licenses?.rows[0]
          if (found === undefined) return only({ kind: 'gone' })
          const { own, keyless, live, lapsed, taken } = found.followed
          const decided = decideCheckout(
            {
              accountId,
              license: facts.entity('license', found),
              product: facts.one('product', products),
              customer: besides(facts, found).customer,
              seats: [...facts.all('session', own), ...facts.all('session', keyless)],
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

    listSessions: (accountId, licenseId, now, page) => listSessions(keeping, accountId, licenseId, now, page),
  }
}

async function listSessions(
  keeping: Keeping,
  ...[accountId, licenseId, now, { limit, offset = 0 }]: Parameters<SessionVerbs['listSessions']>
): ReturnType<SessionVerbs['listSessions']> {
  const follow = {
    live: lookForLive(now),
    started: lookFor('session', { by: 'started', equal: ofItsLicense('session'), limit: PAGE_ROWS }),
  }
  const { license, facts } = await look(keeping, [lookUp('license', [licenseId], { follow })], ([licenses], read) => ({
    license: read.one('license', licenses)?.accountId === accountId ? licenses?.rows[0] : undefined,
    facts: read,
  }))
  if (license === undefined) return { items: [], total: 0 }
  const { live, started } = license.followed
  const first = started?.rows ?? []
  const pick = (page: readonly Session[]) => page.filter((session) => isLive(session, now))
  const walk = { of: 'session', by: 'started', license, first, pick, most: offset + limit } as const
  const found = await readOn(keeping, facts, walk)
  return { items: found.slice(offset), total: live?.count ?? 0 }
}

/** Counts the sessions of a license that are live. */
function lookForLive(now: Date): Query {
  const range = { above: now.getTime() }
  return lookFor('session', { by: 'lease', equal: ofItsLicense('session'), range, limit: 0, count: true })
}

/** What a checkout must know of a license's sessions. */
function seatsOf({ id, hostId, userIdentifier, ...asked }: NewSession, now: Date): NonNullable<Query['follow']> {
  const license = ofItsLicense('session')
  const instant = now.getTime()
  const seat = [...license, hostId, userIdentifier]
  const withKey = (key: string) => lookUp('session', [...seat, key], { by: 'seat' })
  const all = () => lookFor('session', { by: 'seat', equal: seat, limit: SEATS })
  return {
    keyless: asked.trusted === true ? all() : withKey(seatKeyOf({ proofKey: null })),
    ...(asked.proofKey !== null && asked.trusted !== true && { own: withKey(asked.proofKey) }),
    taken: lookUp('session', [...license, id]),
    live: lookForLive(now),
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
