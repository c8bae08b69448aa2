import { type Activation, isLastSeenStale, type NewActivation, startActivation } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import { type ClaimRefusal, isSoldFor, refuseClaim } from '../../domain/license'
import type {
  ActivationTarget,
  ClaimOutcome,
  FindActivationOutcome,
  ReleaseAllOutcome,
  ReleaseOutcome,
  Step,
  Storage,
} from '../contract'
import { customerBySeq } from './customer-verbs'
import { licenseByKey, readSoldFor, type SoldLicense } from './license-rows'
import { readProduct } from './product-verbs'
import { type ActivationRow, activationRecord, toActivation, toLicense } from './rows'
import type { Session } from './session'
import { runStep } from './steps'

type ActivationVerbs = Pick<
  Storage,
  | 'claimActivation'
  | 'releaseActivation'
  | 'releaseAllActivations'
  | 'findActivation'
  | 'touchActivation'
  | 'listActivations'
>

type HostTarget = ActivationTarget & { readonly hostId: string }
type ClaimStep = Step<'created' | 'existing'>

const OF_LICENSE = `
  license_seq = (SELECT seq FROM licenses WHERE id = ? AND account_seq = (SELECT seq FROM accounts WHERE id = ?))`

export function activationVerbs(session: Session): ActivationVerbs {
  return {
    claimActivation: (accountId, target, activation, step) =>
      runStep(
        session,
        accountId,
        step,
        () => claim(session, accountId, target, activation, step.now),
        () => claimByReading(session, accountId, target, activation.hostId, step),
      ),

    releaseActivation: (accountId, target, step) =>
      runStep(session, accountId, step, () => release(session, accountId, target)),

    releaseAllActivations: (accountId, target, step) =>
      runStep(session, accountId, step, () => releaseAll(session, accountId, target)),

    findActivation: (accountId, target) => session.read(() => findActivation(session, accountId, target)),

    async touchActivation(accountId, licenseId, hostId, now) {
      const older = `${OF_LICENSE} AND host_id = ? AND last_seen_at < ?`
      const touch = () => {
        const text = `UPDATE activations SET last_seen_at = ? WHERE ${older}`
        return session.sql(text).run(now, licenseId, accountId, hostId, now).changes
      }
      const look = () => {
        const found = session.sql(`SELECT 1 FROM activations WHERE ${older}`)
        return found.get(licenseId, accountId, hostId, now) === undefined ? 0 : undefined
      }
      await session.write(touch, look)
    },

    listActivations: (accountId, licenseId, page) =>
      session.read(() =>
        session.list(
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
  }
}

// ── Claiming ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The answer to a claim that writes nothing: a host that holds its slot, a license without a free one. Its snapshot
 * is as good as a step's; what it leaves open (undefined) is decided again, on the rows of the step.
 */
function claimByReading(
  session: Session,
  accountId: string,
  target: ActivationTarget,
  hostId: string,
  step: ClaimStep,
): ClaimOutcome | undefined {
  if (step.events?.existing?.length) return undefined
  const text = `
    SELECT activation_count >= max_activations
      OR EXISTS (SELECT 1 FROM activations WHERE license_seq = seq AND host_id = ?) AS settled
    FROM licenses WHERE canonical_key = ?`
  // A cheap look first, so that a claim of a free slot does not read everything twice.
  if (session.sql<{ settled: number | null }>(text).get(hostId, target.canonicalKey)?.settled !== 1) return undefined

  const claimed = readClaim(session, accountId, target, hostId, step.now)
  if ('kind' in claimed) return claimed
  const { sold, customer, activation } = claimed
  if (activation === null || isLastSeenStale(activation, step.now)) return undefined
  return { kind: 'existing', license: sold.license, product: sold.product, customer, activation }
}

function claim(
  session: Session,
  accountId: string,
  target: ActivationTarget,
  newActivation: NewActivation,
  now: Date,
): ClaimOutcome {
  const claimed = readClaim(session, accountId, target, newActivation.hostId, now)
  if ('kind' in claimed) return claimed
  const { sold, customer, activation } = claimed
  const { license, product, row } = sold

  if (activation !== null) {
    if (!isLastSeenStale(activation, now)) return { kind: 'existing', license, product, customer, activation }
    const touch = session.sql('UPDATE activations SET last_seen_at = ? WHERE license_seq = ? AND host_id = ?')
    touch.run(now, row.seq, activation.hostId)
    return { kind: 'existing', license, product, customer, activation: { ...activation, lastSeenAt: now } }
  }

  if (!takeSlot(session, row.seq)) return { kind: 'limit-reached' }
  const started = startActivation(license, newActivation, now)
  session.insert('activations', activationRecord(row.seq, started))
  const counted = { ...license, activationCount: license.activationCount + 1 }
  return { kind: 'created', license: counted, product, customer, activation: started }
}

interface ClaimRows {
  readonly sold: SoldLicense
  readonly customer: Customer | null
  readonly activation: Activation | null
}

/** What a claim is decided on, or why it is refused. */
function readClaim(
  session: Session,
  accountId: string,
  target: ActivationTarget,
  hostId: string,
  now: Date,
): ClaimRows | { readonly kind: ClaimRefusal | 'gone' } {
  const sold = readSoldFor(session, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const customer = customerBySeq(session, sold.row.customer_seq)
  const activation = readActivation(session, sold, hostId)
  const refusal = refuseClaim({ license: sold.license, customer, activation }, hostId, now)
  return refusal === undefined ? { sold, customer, activation } : { kind: refusal }
}

/** Counts one up. The guard says no more than the rule has just said: it is there should the two ever part. */
function takeSlot(session: Session, licenseSeq: number): boolean {
  const text = `
    UPDATE licenses SET activation_count = activation_count + 1
    WHERE seq = ? AND (max_activations IS NULL OR activation_count < max_activations)`
  return session.sql(text).run(licenseSeq).changes === 1
}

// ── Releasing and finding ──────────────────────────────────────────────────────────────────────────────────────

function release(session: Session, accountId: string, target: HostTarget): ReleaseOutcome {
  const sold = readSoldFor(session, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const { license, row } = sold
  if (license.blocked) return { kind: 'blocked' }
  const activation = readActivation(session, sold, target.hostId)
  if (activation === null) return { kind: 'not-active' }
  session.sql('DELETE FROM activations WHERE license_seq = ? AND host_id = ?').run(row.seq, target.hostId)
  session.sql('UPDATE licenses SET activation_count = activation_count - 1 WHERE seq = ?').run(row.seq)
  return { kind: 'released', license: { ...license, activationCount: license.activationCount - 1 }, activation }
}

function releaseAll(session: Session, accountId: string, target: ActivationTarget): ReleaseAllOutcome {
  const sold = readSoldFor(session, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const { license, row } = sold
  if (license.blocked) return { kind: 'blocked' }
  const { changes } = session.sql('DELETE FROM activations WHERE license_seq = ?').run(row.seq)
  session.sql('UPDATE licenses SET activation_count = 0 WHERE seq = ?').run(row.seq)
  return { kind: 'released', license: { ...license, activationCount: 0 }, count: changes }
}

function findActivation(session: Session, accountId: string, target: HostTarget): FindActivationOutcome {
  const product = readProduct(session, accountId, target.productId)
  const row = licenseByKey(session, target.canonicalKey)
  if (product?.active !== true || row?.account_id !== accountId) return { kind: 'gone' }
  const license = toLicense(row)
  if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
  const activation = readActivation(session, { row, license }, target.hostId)
  return { kind: 'found', license, product, customer: customerBySeq(session, row.customer_seq), activation }
}

function readActivation(session: Session, { row, license }: Pick<SoldLicense, 'row' | 'license'>, hostId: string) {
  const text = 'SELECT * FROM activations WHERE license_seq = ? AND host_id = ?'
  const found = session.sql<ActivationRow>(text).get(row.seq, hostId)
  return found === undefined ? null : toActivation(found, license.id)
}
