import type { Decided, EntityChange } from '../../../../../src/domain/decision'
import type { License } from '../../../../../src/domain/license'
import { listRevoked, revokeLicense } from '../../../../../src/domain/revoke'
import { holdCeiling, STAMP_CEILING } from '../../../../../src/domain/stamp'
import type { Tables } from './tables'

/** Writes what was decided, and what follows from it for the revocation lists. */
export function apply(tables: Tables, { changes, revoked = [], reserved }: Omit<Decided<unknown>, 'outcome'>): void {
  for (const change of structuredClone(changes)) write(tables, change)
  const counter = { name: STAMP_CEILING, value: tables.stampCeiling }
  const needs = { isTaken: revoked.length > 0, reserved }
  const listed = [...listRevoked(revoked, [...tables.revocations.values()]), ...holdCeiling(counter, needs)]
  for (const change of structuredClone(listed)) write(tables, change)
}

/** Revokes all tokens of these licenses, by one stamp. Called while their activations are there. */
export function revokeAll(tables: Tables, licenses: readonly License[], now: Date): void {
  const revoked = licenses.flatMap((license) =>
    revokeLicense(license, lastToken(tables, license), tables.stampCeiling, now),
  )
  apply(tables, { changes: [], revoked })
}

/** When the last token of a license's activations ends. */
function lastToken(tables: Tables, { id }: License): Date | null {
  const ends = [...tables.activationsOf(id).values()].map(({ tokensEndAt }) => tokensEndAt.getTime())
  return ends.length === 0 ? null : new Date(Math.max(...ends))
}

function write(tables: Tables, change: EntityChange): void {
  if (change.kind === 'rely') return
  if ('after' in change) {
    put(tables, change)
    return
  }
  const { of, before } = change
  if (of === 'activation') tables.activationsOf(before.licenseId).delete(before.hostId)
  else if (of === 'spendings') tables.spendingsOf(before.licenseId).delete(before.name)
  else throw new Error(`The model removes no ${of}`)
}

function put(tables: Tables, { of, after }: Extract<EntityChange, { readonly after: unknown }>): void {
  switch (of) {
    case 'license':
      tables.licenses.set(after.id, after)
      tables.licenseIds.set(after.canonicalKey, after.id)
      return
    case 'activation':
      tables.activationsOf(after.licenseId).set(after.hostId, after)
      return
    case 'spendings':
      tables.spendingsOf(after.licenseId).set(after.name, after.spent)
      return
    case 'revocation':
      tables.revocations.set(JSON.stringify([after.productId, after.id]), after)
      return
    case 'counter':
      tables.stampCeiling = after.value
      return
    case 'licensedProduct':
      return
    default:
      throw new Error(`The model writes no ${of}`)
  }
}
