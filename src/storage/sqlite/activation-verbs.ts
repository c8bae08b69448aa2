import {
  type Activation,
  findHeld,
  isLastSeenStale,
  type NewActivation,
  type Release,
  refuseRelease,
  seeActivation,
  startActivation,
  surrenderActivation,
  type Takeover,
  takeOver,
  takeoverOf,
} from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import { isSoldFor } from '../../domain/license'
import { type ClaimRefusal, refuseClaim } from '../../domain/refuse-claim'
import type {
  ActivationTarget,
  ClaimOutcome,
  FindActivationOutcome,
  ReleaseAllOutcome,
  ReleaseOutcome,
  Step,
} from '../contract'
import type { ActivationVerbs } from '../verb-families'
import { spendAllowance } from './allowances'
import { customerBySeq } from './customer-verbs'
import { licenseByKey, OF_LICENSE, readSoldFor, type SoldLicense } from './license-rows'
import { readProduct } from './product-verbs'
import { revoke } from './revocations'
import { type ActivationRow, activationRecord, toActivation, toLicense } from './rows'
import { runStep } from './steps'
import type { Store } from './store'

const DELETE_ACTIVATION = 'DELETE FROM activations WHERE license_seq = ? AND host_id = ?'

type HostTarget = ActivationTarget & { readonly hostId: string }
type ClaimStep = Step<'created' | 'existing' | Takeover>

export function activationVerbs(store: Store): ActivationVerbs {
  return {
    claimActivation: (accountId, target, activation, step) =>
      runStep(
        store,
        accountId,
        step,
        () => claim(store, accountId, target, activation, step.now),
        () => claimByReading(store, accountId, target, activation, step),
      ),

    releaseActivation: (accountId, target, step) =>
      runStep(store, accountId, step, () => release(store, accountId, target, step.now)),

    releaseAllActivations: (accountId, target, step) =>
      runStep(store, accountId, step, () => releaseAll(store, accountId, target, step.now)),

    findActivation: (accountId, target) => store.read(() => findActivation(store, accountId, target)),

    async touchActivation(accountId, licenseId, hostId, { lastSeenAt, tokensEndAt }) {
      const older = `${OF_LICENSE} AND host_id = ? AND (last_seen_at < ? OR tokens_end_at < ?)`
      const which = [licenseId, accountId, hostId, lastSeenAt, tokensEndAt]
      const raise = `UPDATE activations
        SET last_seen_at = max(last_seen_at, ?), tokens_end_at = max(tokens_end_at, ?) WHERE ${older}`
      await store.write(
        () => store.sql(raise).run(lastSeenAt, tokensEndAt, ...which).changes,
        () => (store.sql(`SELECT 1 FROM activations WHERE ${older}`).get(...which) === undefined ? 0 : undefined),
      )
    },

    listActivations: (accountId, licenseId, page) =>
      store.read(() =>
        store.list(
          {
            columns: '*',
            from: 'activations',
            where: OF_LICENSE,
            // Sorts one license's rows: an index for it would be one more tree for every claim to write to.
            orderBy: 'activated_at DESC, host_id',
            toEntity: (row: ActivationRow) => toActivation(row, licenseId),
          },
          [licenseId, accountId],
          page,
        ),
      ),

    spendAllowance: (accountId, licenseId, allowance, unit, now) =>
      spendAllowance(store, accountId, licenseId, allowance, unit, now),
  }
}

// ── Claiming ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The answer to a claim that writes nothing: a host that holds its slot, a license without a free one. Its snapshot
 * is as good as a step's; what it leaves open (undefined) is decided again, on the rows of the step.
 */
function claimByReading(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  newActivation: NewActivation,
  step: ClaimStep,
): ClaimOutcome | undefined {
  if (step.events?.existing?.length) return undefined
  const text = `
    SELECT activation_count >= max_activations
      OR EXISTS (SELECT 1 FROM activations WHERE license_seq = seq AND host_id = ?) AS settled
    FROM licenses WHERE canonical_key = ?`
  // A cheap look first, so that a claim of a free slot does not read everything twice.
  const { hostId } = newActivation
  if (store.sql<{ settled: number | null }>(text).get(hostId, target.canonicalKey)?.settled !== 1) return undefined

  const claimed = readClaim(store, accountId, target, newActivation, step.now)
  if ('kind' in claimed) return claimed
  const { sold, customer, activation } = claimed
  if (activation === null || takeoverOf(activation, newActivation) !== undefined) return undefined
  if (isLastSeenStale(activation, step.now)) return undefined
  return { kind: 'existing', license: sold.license, product: sold.product, customer, activation }
}

function claim(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  newActivation: NewActivation,
  now: Date,
): ClaimOutcome {
  const claimed = readClaim(store, accountId, target, newActivation, now)
  if ('kind' in claimed) return claimed
  const { sold, customer, activation } = claimed
  const { license, product, row } = sold

  const takeover = activation === null ? undefined : takeoverOf(activation, newActivation)
  if (activation !== null && takeover !== undefined) {
    const taken = takeOver(activation, product, newActivation, now)
    const previousHostId = activation.hostId
    revoke(store, 'l.seq = ? AND a.host_id = ?', [row.seq, previousHostId], now)
    store.sql(DELETE_ACTIVATION).run(row.seq, previousHostId)
    store.insert('activations', activationRecord(row.seq, taken))
    const rows = { license, product, customer, activation: taken }
    return takeover === 'moved' ? { kind: takeover, ...rows, previousHostId } : { kind: takeover, ...rows }
  }
  if (activation !== null) {
    if (!isLastSeenStale(activation, now)) return { kind: 'existing', license, product, customer, activation }
    const seen = seeActivation(activation, product, now)
    const text = 'UPDATE activations SET last_seen_at = ?, tokens_end_at = ? WHERE license_seq = ? AND host_id = ?'
    store.sql(text).run(seen.lastSeenAt, seen.tokensEndAt, row.seq, seen.hostId)
    return { kind: 'existing', license, product, customer, activation: seen }
  }

  if (!takeSlot(store, row.seq)) return { kind: 'limit-reached' }
  const started = startActivation(license, product, newActivation, now)
  store.insert('activations', activationRecord(row.seq, started))
  const counted = { ...license, activationCount: license.activationCount + 1 }
  return { kind: 'created', license: counted, product, customer, activation: started }
}

interface ClaimRows {
  readonly sold: SoldLicense
  readonly customer: Customer | null
  /** The host's own, or the one that moves to it. */
  readonly activation: Activation | null
}

/** What a claim is decided on, or why it is refused. */
function readClaim(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  newActivation: NewActivation,
  now: Date,
): ClaimRows | { readonly kind: ClaimRefusal | 'gone' } {
  const sold = readSoldFor(store, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const customer = customerBySeq(store, sold.row.customer_seq)
  const activation = findHeld(newActivation, (hostId) => readActivation(store, sold, hostId))
  const { license, product } = sold
  const refusal = refuseClaim({ license, product, customer, activation }, newActivation, now)
  return refusal === undefined ? { sold, customer, activation } : { kind: refusal }
}

/** Counts one up. The guard says no more than the rule has just said: it is there should the two ever part. */
function takeSlot(store: Store, licenseSeq: number): boolean {
  const text = `
    UPDATE licenses SET activation_count = activation_count + 1
    WHERE seq = ? AND (max_activations IS NULL OR activation_count < max_activations)`
  return store.sql(text).run(licenseSeq).changes === 1
}

// ── Releasing and finding ──────────────────────────────────────────────────────────────────────────────────────

function release(store: Store, accountId: string, target: HostTarget & Release, now: Date): ReleaseOutcome {
  const sold = readSoldFor(store, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  if (sold.license.blocked) return { kind: 'blocked' }
  const activation = readActivation(store, sold, target.hostId)
  const refusal = refuseRelease(activation, target)
  if (refusal !== undefined || activation === null) return { kind: refusal ?? 'not-active' }
  if (target.surrender !== true) return { kind: 'released', ...releaseSlot(store, sold, activation, now) }
  const surrendered = surrenderActivation(activation, now)
  revoke(store, 'l.seq = ? AND a.host_id = ?', [sold.row.seq, activation.hostId], now)
  const text = 'UPDATE activations SET surrendered_at = ? WHERE license_seq = ? AND host_id = ?'
  store.sql(text).run(surrendered.surrenderedAt, sold.row.seq, surrendered.hostId)
  return { kind: 'surrendered', license: sold.license, activation: surrendered }
}

/** Frees a slot; inside a step. */
export function releaseSlot(
  store: Store,
  { row, license }: Pick<SoldLicense, 'row' | 'license'>,
  activation: Activation,
  now: Date,
) {
  revoke(store, 'l.seq = ? AND a.host_id = ?', [row.seq, activation.hostId], now)
  store.sql(DELETE_ACTIVATION).run(row.seq, activation.hostId)
  store.sql('UPDATE licenses SET activation_count = activation_count - 1 WHERE seq = ?').run(row.seq)
  return { license: { ...license, activationCount: license.activationCount - 1 }, activation }
}

function releaseAll(store: Store, accountId: string, target: ActivationTarget, now: Date): ReleaseAllOutcome {
  const sold = readSoldFor(store, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const { license, row } = sold
  if (license.blocked) return { kind: 'blocked' }
  revoke(store, 'l.seq = ?', [row.seq], now)
  const { changes } = store.sql('DELETE FROM activations WHERE license_seq = ?').run(row.seq)
  store.sql('UPDATE licenses SET activation_count = 0 WHERE seq = ?').run(row.seq)
  return { kind: 'released', license: { ...license, activationCount: 0 }, count: changes }
}

function findActivation(store: Store, accountId: string, target: HostTarget): FindActivationOutcome {
  const product = readProduct(store, accountId, target.productId)
  const row = licenseByKey(store, target.canonicalKey)
  if (product?.active !== true || row?.account_id !== accountId) return { kind: 'gone' }
  const license = toLicense(row)
  if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
  const activation = readActivation(store, { row, license }, target.hostId)
  return { kind: 'found', license, product, customer: customerBySeq(store, row.customer_seq), activation }
}

export function readActivation(store: Store, { row, license }: Pick<SoldLicense, 'row' | 'license'>, hostId: string) {
  const text = 'SELECT * FROM activations WHERE license_seq = ? AND host_id = ?'
  const found = store.sql<ActivationRow>(text).get(row.seq, hostId)
  return found === undefined ? null : toActivation(found, license.id)
}
