import type { License } from '../../../../../src/domain/license'
import {
  extendSession,
  hasFreeSeat,
  isLive,
  lacksSeatProof,
  type NewSession,
  refuseCheckout,
  resumeSession,
  type Session,
  startSession,
} from '../../../../../src/domain/session'
import type { SessionVerbs } from '../../../../../src/storage/verbs/session-contract'
import type {
  ActivationTarget,
  ClaimSessionOutcome,
  LicenseTarget,
  SessionTarget,
} from '../../../../../src/storage/verbs/store'
import type { Handle } from './handle'
import { customerOf, findTarget } from './license-verbs'
import { byInstant, emptyPage, pageOf } from './lists'
import { owned, refuseTakenId, type Tables } from './tables'

export function sessionVerbs(handle: Handle): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      handle.mutate(accountId, step, (tables) => claimSession(tables, accountId, target, session, step.now)),

    findSession: async (accountId, target, now) => {
      const held = findLive(handle.tables, accountId, target, now)
      return structuredClone('kind' in held ? held : { kind: 'found', ...held })
    },

    renewSession: (accountId, target, { nonce, nextNonce }, step) =>
      handle.mutate(accountId, step, (tables) => {
        const held = findLive(tables, accountId, target, step.now)
        if ('kind' in held) return held
        const { license, session } = held
        if (session.nonce !== nonce) return { kind: 'bad-nonce' }
        if (license.blocked) return { kind: 'blocked' }
        const renewed = structuredClone(extendSession(license, session, nextNonce, step.now))
        tables.sessionsOf(license.id).set(renewed.id, renewed)
        return { kind: 'renewed', license, session: renewed }
      }),

    releaseSession: (accountId, target, nonce, step) =>
      handle.mutate(accountId, step, (tables) => {
        const held = findLive(tables, accountId, target, step.now)
        if ('kind' in held) return held
        const { license, session } = held
        if (nonce !== null && session.nonce !== nonce) return { kind: 'bad-nonce' }
        tables.sessionsOf(license.id).delete(session.id)
        return { kind: 'released', license, session }
      }),

    listSessions: async (accountId, licenseId, now, page) => {
      const { licenses, sessions } = handle.tables
      if (owned(licenses, licenseId, accountId) === null) return emptyPage()
      const live = [...(sessions.get(licenseId)?.values() ?? [])].filter((session) => isLive(session, now))
      return pageOf(
        byInstant(live, (session) => session.startedAt),
        page,
      )
    },
  }
}

function claimSession(
  tables: Tables,
  accountId: string,
  target: ActivationTarget,
  asked: NewSession,
  now: Date,
): ClaimSessionOutcome {
  const license = findTarget(tables, accountId, target)
  const product = owned(tables.products, target.productId, accountId)
  if ('kind' in license || product === null) return { kind: 'gone' }
  const customer = customerOf(tables, license)
  const refusal = refuseCheckout(license, customer, asked.hostId, now)
  if (refusal !== undefined) return { kind: refusal }

  const sessions = tables.sessionsOf(license.id)
  const live = [...sessions.values()].filter((session) => isLive(session, now))
  if (lacksSeatProof(product, asked)) return { kind: 'proof-required' }
  const own = live.find((session) => isSameSeat(session, asked))
  const keyless = live.find((session) => isSameSeat(session, { ...asked, proofKey: null }))
  const held = own ?? keyless ?? (asked.trusted === true ? firstSeat(live, asked) : undefined)
  if (held !== undefined) {
    const resumed = structuredClone(resumeSession(license, held, asked, now))
    sessions.set(resumed.id, resumed)
    return { kind: 'existing', license, product, customer, session: resumed, liveSessions: live.length }
  }
  if (!hasFreeSeat(license, live.length)) return { kind: 'limit-reached' }
  refuseTakenId(sessions, asked)
  // One that has lapsed makes room: a seat has one row, which is how stores that it moves to may keep it.
  for (const lapsed of sessions.values()) {
    const keys = asked.trusted === true ? [lapsed.proofKey] : [asked.proofKey, null]
    if (keys.some((proofKey) => isSameSeat(lapsed, { ...asked, proofKey }))) sessions.delete(lapsed.id)
  }
  const started = structuredClone(startSession(license, asked, now))
  sessions.set(started.id, started)
  return { kind: 'created', license, product, customer, session: started, liveSessions: live.length + 1 }
}

/** By their keys. */
function firstSeat(live: readonly Session[], asked: NewSession): Session | undefined {
  const ofUser = live.filter((session) => isSameSeat({ ...session, proofKey: null }, { ...asked, proofKey: null }))
  return ofUser.toSorted((a, b) => ((a.proofKey ?? '') < (b.proofKey ?? '') ? -1 : 1))[0]
}

export function isSameSeat(a: Seat, b: Seat): boolean {
  return a.hostId === b.hostId && a.userIdentifier === b.userIdentifier && a.proofKey === b.proofKey
}

type Seat = Pick<Session, 'hostId' | 'userIdentifier' | 'proofKey'>

function findLive(
  tables: Tables,
  accountId: string,
  target: LicenseTarget & Pick<SessionTarget, 'sessionId'>,
  now: Date,
): { readonly license: License; readonly session: Session } | { readonly kind: 'gone' | 'not-found' } {
  const license = findTarget(tables, accountId, target)
  if ('kind' in license) return { kind: 'gone' }
  const session = tables.sessions.get(license.id)?.get(target.sessionId)
  return session !== undefined && isLive(session, now) ? { license, session } : { kind: 'not-found' }
}
