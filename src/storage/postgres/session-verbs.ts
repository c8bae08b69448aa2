import { DEFAULT_SESSION_LEASE_SECONDS, type NewSession } from '../../domain/session'
import type { ActivationTarget, ClaimSessionOutcome, SessionRefusal } from '../contract'
import type { SessionVerbs } from '../verb-families'
import { orNull, type Row } from './columns'
import { productColumns, toCustomer, toLicense, toSession } from './rows'
import { callStep } from './steps'
import type { Store } from './store'

const LEASE = { defaultLeaseSeconds: DEFAULT_SESSION_LEASE_SECONDS }

/** Floating licenses: the seats that are out. */
export function sessionVerbs(store: Store): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      callStep(store, 'claim_session', accountId, checkoutArguments(target, session), step, toClaimOutcome),

    async findSession(accountId, { canonicalKey, productId, sessionId }, now) {
      const sql = `SELECT l AS license, s AS session FROM @licenses l
        JOIN @products p ON p.id = $3 AND p.active AND p.account_id = l.account_id AND p.id = ANY (l.product_ids)
        LEFT JOIN @sessions s ON s.license_seq = l.seq AND s.id = $4 AND s.expires_at > $5
        WHERE l.canonical_key = $1 AND l.account_id = $2`
      const row = await store.row(sql, [canonicalKey, accountId, productId, sessionId, now])
      if (row === undefined) return { kind: 'gone' }
      if (row.session === null) return { kind: 'not-found' }
      return toHeld('found', row)
    },

    renewSession: (accountId, target, nonces, step) =>
      callStep(store, 'renew_session', accountId, { ...target, ...nonces, ...LEASE }, step, (row) =>
        row.kind === 'renewed' ? toHeld('renewed', row) : toRefusal(row),
      ),

    releaseSession: (accountId, target, nonce, step) =>
      callStep(store, 'release_session', accountId, { ...target, nonce }, step, (row) =>
        row.kind === 'released' ? toHeld('released', row) : toRefusal(row),
      ),

    listSessions: (accountId, licenseId, now, page) =>
      store.list(
        {
          columns: '*',
          from: '@sessions',
          where: `expires_at > $3
            AND license_seq = (SELECT seq FROM @licenses WHERE id = $1 AND account_id = $2)`,
          orderBy: 'started_at, seq',
          toEntity: (row) => toSession(row, licenseId),
        },
        [licenseId, accountId, now],
        page,
      ),
  }
}

function checkoutArguments(target: ActivationTarget, session: NewSession) {
  const { id, hostId, userIdentifier, deviceTag, address, secret, nonce } = session
  const seat = { host_id: hostId, user_identifier: userIdentifier }
  return {
    ...target,
    ...LEASE,
    hostId,
    userIdentifier,
    session: { ...seat, id, device_tag: deviceTag, address, secret, nonce },
  }
}

function toClaimOutcome(row: Row): ClaimSessionOutcome {
  const kind = row.kind as ClaimSessionOutcome['kind']
  if (kind !== 'created' && kind !== 'existing') return { kind }
  return {
    ...toHeld(kind, row),
    product: productColumns.toEntity(row.product as Row),
    customer: orNull(row.customer, toCustomer),
    liveSessions: Number(row.liveSessions),
  }
}

function toHeld<K extends string>(kind: K, row: Row) {
  const license = toLicense(row.license as Row)
  return { kind, license, session: toSession(row.session as Row, license.id) }
}

function toRefusal(row: Row): SessionRefusal {
  return { kind: row.kind as SessionRefusal['kind'] }
}
