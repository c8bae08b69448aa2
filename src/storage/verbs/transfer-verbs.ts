import type { Occupancy } from '../../domain/decision'
import { columnsOf, valuesOf } from '../order'
import { RECORD_KINDS, type RecordBatch, type RecordKind } from '../records'
import { TABLES } from '../tables'
import { Draft } from './draft'
import { type Facts, lookFor } from './facts'
import { countLeft, lookForLeftovers, whetherLeft } from './generations'
import { Later } from './later'
import { CEILING, ceilingOf } from './license-target'
import { Lookups } from './lookups'
import { importRecord, RECORDED, toRecord } from './record-entities'
import { act, type Keeping, look } from './run-step'
import type { TransferVerbs } from './transfer-contract'

const OCCUPANCIES = ['activation', 'session'] as const satisfies readonly Occupancy[]

/** There is one ceiling of stamps, whatever it is. */
const ONE = 'stamp-ceiling'

export function transferVerbs(keeping: Keeping): TransferVerbs {
  return {
    countRecords() {
      const counted = RECORD_KINDS.map((kind) => lookFor(RECORDED[kind].of, { equal: [], limit: 0, count: true }))
      return look(
        keeping,
        [...OCCUPANCIES.map((of) => lookForLeftovers(of, { count: true })), ...counted],
        (answers) => {
          const left = new Map<string, number>(OCCUPANCIES.map((of, index) => [of, countLeft(answers[index])]))
          const counts = RECORD_KINDS.map((kind, index) => {
            const count = answers[OCCUPANCIES.length + index]?.count ?? 0
            return [kind, kind === ONE ? 1 : count - (left.get(kind) ?? 0)]
          })
          return Object.fromEntries(counts) as Record<RecordKind, number>
        },
      )
    },

    exportRecords: (kind, after, limit) =>
      kind === ONE ? exportCeiling(keeping) : exportRows(keeping, kind, after, limit),

    importRecords: (records) => {
      const lookups = new Lookups()
      return act(keeping, {
        queries: [],
        decide(_answers, facts, further) {
          const later = new Later(further)
          const draft = new Draft(facts, later, lookups)
          const outcome = records.map((record) => importRecord(draft, record))
          return later.orAsk({ outcome, changes: draft.changes() })
        },
      })
    },
  }
}

function exportCeiling(keeping: Keeping): Promise<RecordBatch> {
  return look(keeping, [CEILING], ([counters], facts) => {
    return { records: [{ kind: ONE, value: { ceiling: ceilingOf(facts, counters) } }], next: null }
  })
}

/** A place is where a row stands in the order of its list, so that it is found again whatever goes meanwhile. */
function exportRows(
  keeping: Keeping,
  kind: Exclude<RecordKind, typeof ONE>,
  after: string | null,
  limit: number,
): Promise<RecordBatch> {
  const { of, by } = RECORDED[kind]
  const query = lookFor(of, {
    equal: [],
    limit: limit + 1,
    ...(by === undefined ? {} : { by }),
    ...(after === null ? {} : { after: JSON.parse(after) }),
  })
  const leftovers = kind === 'activation' || kind === 'session' ? [lookForLeftovers(kind)] : []
  return look(keeping, [query, ...leftovers], ([answer, left], facts: Facts) => {
    const isLeft = whetherLeft(left)
    const found = answer?.rows ?? []
    const batch = found.slice(0, limit)
    const last = batch.at(-1)?.row
    const place = last === undefined ? after : JSON.stringify(valuesOf(last, columnsOf(TABLES[of].definition, by)))
    return {
      records: batch.filter(({ row }) => !isLeft(row)).map((one) => toRecord(kind, facts.entity(of, one))),
      next: found.length > limit ? place : null,
    }
  })
}
