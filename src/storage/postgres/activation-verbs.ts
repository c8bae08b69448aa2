import { LAST_SEEN_INTERVAL_MS, type NewActivation, type Takeover } from '../../domain/activation'
import type { ClaimRefusal } from '../../domain/refuse-claim'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/license-token'
import type {
  ActivationTarget,
  ClaimOutcome,
  FindActivationOutcome,
  ReleaseAllOutcome,
  ReleaseOutcome,
} from '../contract'
import type { ActivationVerbs } from '../verb-families'
import { spendAllowance } from './allowances'
import { orNull, type Row } from './columns'
import { productColumns, toActivation, toCustomer, toLicense } from './rows'
import { callStep } from './steps'
import type { Store } from './store'

/** The license with this id, of this account. */
const OF_LICENSE = 'license_seq = (SELECT seq FROM @licenses WHERE id = $1 AND account_id = $2)'

export function activationVerbs(store: Store): ActivationVerbs {
  return {
    claimActivation: (accountId, target, activation, step) =>
      callStep(store, 'claim_activation', accountId, claimArguments(target, activation), step, toClaimOutcome),

    releaseActivation: (accountId, target, step) =>
      callStep(store, 'release_activation', accountId, target, step, toReleaseOutcome),

    releaseAllActivations: (accountId, target, step) =>
      callStep(store, 'release_all_activations', accountId, target, step, toReleaseAllOutcome),

    async findActivation(accountId, target) {
      const row = await store.row('SELECT @find_activation($1, $2) AS found', [accountId, { json: target }])
      return toFindOutcome(row?.found as Row)
    },

    async touchActivation(accountId, licenseId, hostId, { lastSeenAt, tokensEndAt }) {
      const sql = `UPDATE @activations
        SET last_seen_at = greatest(last_seen_at, $4), tokens_end_at = greatest(tokens_end_at, $5)
        WHERE ${OF_LICENSE} AND host_id = $3 AND (last_seen_at < $4 OR tokens_end_at < $5) RETURNING 1`
      // A step: what a license token is handed out on must be on the disk.
      await store.step((statements) => statements.rows(sql, [licenseId, accountId, hostId, lastSeenAt, tokensEndAt]))
    },

    listActivations: (accountId, licenseId, page) =>
      store.list(
        {
          columns: '*',
          from: '@activations',
          where: OF_LICENSE,
          // Sorts one license's rows: an index for it would be one more tree for every claim to write to.
          orderBy: 'activated_at DESC, host_id COLLATE "C"',
          toEntity: (row) => toActivation(row, licenseId),
        },
        [licenseId, accountId],
        page,
      ),

    spendAllowance: (accountId, licenseId, allowance, unit, now) =>
      spendAllowance(store, accountId, licenseId, allowance, unit, now),
  }
}

function claimArguments(target: ActivationTarget, activation: NewActivation) {
  const { id, hostId, deviceTag, address, appVersion, licensee, jti, previousHostIds, proofKey, trusted } = activation
  const host = { host_id: hostId, device_tag: deviceTag, address, proof_key: proofKey }
  return {
    ...target,
    hostId,
    previousHostIds,
    proofKey,
    trusted,
    activation: { ...host, id, app_version: appVersion, licensee, jti },
    staleAfterMs: LAST_SEEN_INTERVAL_MS,
    tokenMarginMs: LAST_SEEN_INTERVAL_MS + CLOCK_TOLERANCE_SECONDS * 1000,
  }
}

// What the functions of the schema return, as the contract has it.

function toClaimOutcome(row: Row): ClaimOutcome {
  if (row.activation === undefined) return { kind: row.kind as ClaimRefusal | 'gone' }
  const kind = row.kind as 'created' | 'existing' | Takeover
  const license = toLicense(row.license as Row)
  const rows = {
    license,
    product: productColumns.toEntity(row.product as Row),
    customer: orNull(row.customer, toCustomer),
    activation: toActivation(row.activation as Row, license.id),
  }
  return kind === 'moved' ? { kind, ...rows, previousHostId: String(row.previousHostId) } : { kind, ...rows }
}

function toFindOutcome(row: Row): FindActivationOutcome {
  const kind = row.kind as FindActivationOutcome['kind']
  if (kind !== 'found') return { kind }
  const license = toLicense(row.license as Row)
  return {
    kind,
    license,
    product: productColumns.toEntity(row.product as Row),
    customer: orNull(row.customer, toCustomer),
    activation: orNull(row.activation, (found) => toActivation(found, license.id)),
  }
}

function toReleaseOutcome(row: Row): ReleaseOutcome {
  const kind = row.kind as ReleaseOutcome['kind']
  if (kind !== 'released' && kind !== 'surrendered') return { kind }
  const license = toLicense(row.license as Row)
  return { kind, license, activation: toActivation(row.activation as Row, license.id) }
}

function toReleaseAllOutcome(row: Row): ReleaseAllOutcome {
  const kind = row.kind as ReleaseAllOutcome['kind']
  return kind === 'released' ? { kind, license: toLicense(row.license as Row), count: Number(row.count) } : { kind }
}
