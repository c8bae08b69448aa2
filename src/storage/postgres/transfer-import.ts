import type { ImportOutcome, RecordKind, StoreRecord, StoreRecordOf } from '../records'
import type { Row } from './columns'
import { listByProduct } from './license-verbs'
import {
  accessTokenColumns,
  accountColumns,
  activationRow,
  customerRow,
  deliveryColumns,
  endpointColumns,
  eventRow,
  licenseRow,
  productColumns,
  productVersionColumns,
  sessionRow,
} from './rows'
import type { Statements } from './store'

/**
 * How the records of one kind are stored, a run of them in one statement. In its conditions `i` is the row to store and
 * `e` the record's JSON, which may have more in it than the table has columns.
 */
interface Target<K extends RecordKind> {
  readonly table: string
  toRow(value: StoreRecordOf<K>['value']): Row
  /** What is looked at and is in no column of the table. */
  beside?(value: StoreRecordOf<K>['value']): Row
  /** Columns that are looked up rather than given, each by an expression. */
  readonly lookedUp?: Readonly<Record<string, string>>
  /** True for a row of which everything that it belongs to is there. */
  readonly belongs?: string
  /** Tells rows that are the same record's. Default `id`. */
  readonly sameAs?: readonly string[]
  /** What {@link after} needs of the rows that were stored. Default what {@link sameAs} names. */
  readonly returns?: string
  /** What else is to be done once some were stored. */
  readonly after?: (statements: Statements, stored: readonly Row[]) => Promise<unknown>
}

const OF_ACCOUNT = 'EXISTS (SELECT FROM @accounts a WHERE a.id = i.account_id)'
const LICENSE_SEQ = `(SELECT l.seq FROM @licenses l WHERE l.id = e.value->>'license_id')`

const TARGETS: { readonly [K in Exclude<RecordKind, 'revocation-version'>]: Target<K> } = {
  'signing-key': {
    table: 'signing_keys',
    toRow: ({ kid, recordedAt }) => ({ kid, recorded_at: recordedAt.getTime() }),
    sameAs: ['kid'],
  },
  account: { table: 'accounts', toRow: accountColumns.toRow },
  'access-token': { table: 'access_tokens', toRow: accessTokenColumns.toRow, belongs: OF_ACCOUNT },
  product: {
    table: 'products',
    toRow: productColumns.toRow,
    belongs: OF_ACCOUNT,
    returns: 'package_id',
    after: numberProducts,
  },
  'product-version': {
    table: 'product_versions',
    toRow: productVersionColumns.toRow,
    belongs: 'EXISTS (SELECT FROM @products p WHERE p.id = i.product_id)',
  },
  customer: { table: 'customers', toRow: customerRow, belongs: OF_ACCOUNT },
  license: {
    table: 'licenses',
    toRow: licenseRow,
    belongs: `${OF_ACCOUNT}
      AND NOT EXISTS (SELECT FROM unnest(i.product_ids) u (id) WHERE NOT EXISTS (
        SELECT FROM @products p WHERE p.id = u.id AND p.account_id = i.account_id))
      AND (i.customer_id IS NULL OR EXISTS (
        SELECT FROM @customers c WHERE c.id = i.customer_id AND c.account_id = i.account_id))`,
    after: (statements, stored) =>
      listByProduct(
        statements,
        stored.map((row) => String(row.id)),
      ),
  },
  activation: {
    table: 'activations',
    toRow: activationRow,
    beside: ({ licenseId }) => ({ license_id: licenseId }),
    lookedUp: { license_seq: LICENSE_SEQ },
    belongs: 'i.license_seq IS NOT NULL',
    sameAs: ['license_seq', 'host_id', 'id'],
    after: countActivations,
  },
  session: {
    table: 'sessions',
    toRow: sessionRow,
    beside: ({ licenseId }) => ({ license_id: licenseId }),
    lookedUp: { license_seq: LICENSE_SEQ },
    belongs: 'i.license_seq IS NOT NULL',
    sameAs: ['license_seq', 'id'],
  },
  revocation: {
    table: 'revocations',
    toRow: ({ tokenId, tokensEndAt }) => ({ token_id: tokenId, tokens_end_at: tokensEndAt.getTime() }),
    sameAs: ['token_id'],
  },
  'webhook-endpoint': { table: 'webhook_endpoints', toRow: endpointColumns.toRow, belongs: OF_ACCOUNT },
  event: { table: 'events', toRow: eventRow, belongs: OF_ACCOUNT, sameAs: ['at', 'id'] },
  delivery: {
    table: 'webhook_deliveries',
    toRow: deliveryColumns.toRow,
    beside: ({ accountId, eventId }) => ({ event_id: eventId, account_id: accountId }),
    lookedUp: {
      event_seq: `(SELECT v.seq FROM @events v WHERE v.id = e.value->>'event_id' AND v.account_id = e.value->>'account_id')`,
      line: `coalesce((SELECT v.license_id FROM @events v WHERE v.id = e.value->>'event_id'), e.value->>'id')`,
    },
    belongs: `i.event_seq IS NOT NULL AND EXISTS (
      SELECT FROM @webhook_endpoints w WHERE w.id = i.endpoint_id AND w.account_id = e.value->>'account_id')`,
    after: formLines,
  },
}

/** Stores records, and says of each what became of it; inside a step. Those of one kind that follow each other go together. */
export async function importRecords(
  statements: Statements,
  records: readonly StoreRecord[],
): Promise<readonly ImportOutcome[]> {
  const outcomes: ImportOutcome[] = []
  while (outcomes.length < records.length) {
    const rest = records.slice(outcomes.length)
    const kind = rest[0]?.kind
    const end = rest.findIndex((record) => record.kind !== kind)
    outcomes.push(...(await importRun(statements, end === -1 ? rest : rest.slice(0, end))))
  }
  return outcomes
}

async function importRun(statements: Statements, run: readonly StoreRecord[]): Promise<readonly ImportOutcome[]> {
  const [first] = run
  if (first === undefined) return []
  if (first.kind === 'revocation-version') {
    return raiseVersion(
      statements,
      run.flatMap((record) => (record.kind === 'revocation-version' ? [record.value] : [])),
    )
  }
  return storeRun(
    statements,
    TARGETS[first.kind] as Target<RecordKind>,
    run.map(({ value }) => value),
  )
}

async function storeRun<K extends RecordKind>(
  statements: Statements,
  target: Target<K>,
  values: readonly StoreRecordOf<K>['value'][],
): Promise<readonly ImportOutcome[]> {
  const { table, toRow, beside, lookedUp = {}, belongs = 'true', sameAs = ['id'], after } = target
  const rows = values.map(toRow)
  const columns = [...Object.keys(rows[0] ?? {}), ...Object.keys(lookedUp)]
  const row = columns.map((column) => `${lookedUp[column] ?? `r.${column}`} AS ${column}`).join()
  const given = values.map((value, index) => ({ ...rows[index], ...beside?.(value) }))
  const from = `json_array_elements($1) WITH ORDINALITY e (value, n)
    CROSS JOIN LATERAL (SELECT ${row} FROM json_populate_record(NULL::@${table}, e.value) r) i`
  const same = sameAs.map((column) => `t.${column} = i.${column}`).join(' AND ')
  const name = `json_build_array(${sameAs.join()})::text AS name`

  const found = await statements.rows(
    `SELECT ${name}, CASE WHEN NOT coalesce(${belongs}, false) THEN 'orphan'
         WHEN EXISTS (SELECT FROM @${table} t WHERE ${same}) THEN 'existing' END AS refusal
       FROM ${from} ORDER BY e.n`,
    [{ json: given }],
  )
  // Of those that are the same in one batch, the first is stored.
  const fresh = new Map<string, Row>()
  const answers = found.map((entry, index) => {
    const entryName = String(entry.name)
    const refusal = entry.refusal ?? (fresh.has(entryName) ? 'existing' : null)
    if (refusal === null) fresh.set(entryName, given[index] ?? {})
    return { entryName, refusal: refusal as ImportOutcome | null }
  })

  const names = columns.join()
  const stored = await statements.rows(
    `INSERT INTO @${table} (${names}) SELECT ${names} FROM ${from} ORDER BY e.n
       ON CONFLICT DO NOTHING RETURNING ${name}, ${target.returns ?? sameAs.join()}`,
    [{ json: [...fresh.values()] }],
  )
  if (stored.length > 0) await after?.(statements, stored)
  const storedNames = namesOf(stored)
  // Whoever came in between may have brought the same record, or another that has what only one may have.
  const others = [...fresh].filter(([entryName]) => !storedNames.has(entryName)).map(([, row]) => row)
  const existingNames = namesOf(
    await statements.rows(`SELECT ${name} FROM ${from} WHERE EXISTS (SELECT FROM @${table} t WHERE ${same})`, [
      { json: others },
    ]),
  )
  return answers.map(({ entryName, refusal }) => {
    if (refusal !== null) return refusal
    if (storedNames.has(entryName)) return 'stored'
    return existingNames.has(entryName) ? 'existing' : 'conflict'
  })
}

function namesOf(rows: readonly Row[]): Set<string> {
  return new Set(rows.map((row) => String(row.name)))
}

async function raiseVersion(
  statements: Statements,
  values: readonly StoreRecordOf<'revocation-version'>['value'][],
): Promise<readonly ImportOutcome[]> {
  const outcomes: ImportOutcome[] = []
  for (const { version } of values) {
    const raised = await statements.row(
      `UPDATE @dropped_revocations SET count = $1 - (SELECT count(*) FROM @revocations)
         WHERE count + (SELECT count(*) FROM @revocations) < $1 RETURNING 1`,
      [version],
    )
    outcomes.push(raised === undefined ? 'existing' : 'stored')
  }
  return outcomes
}

function numberProducts(statements: Statements, stored: readonly Row[]) {
  const highest = Math.max(...stored.map((row) => Number(row.package_id)))
  return statements.rows('UPDATE @package_ids SET last = greatest(last, $1) RETURNING 1', [highest])
}

function countActivations(statements: Statements, stored: readonly Row[]) {
  const counted = 'SELECT u.seq, count(*) AS more FROM unnest($1::bigint[]) u (seq) GROUP BY u.seq'
  const sql = `UPDATE @licenses l SET activation_count = l.activation_count + c.more
    FROM (${counted}) c WHERE l.seq = c.seq RETURNING 1`
  return statements.rows(sql, [stored.map((row) => Number(row.license_seq))])
}

/** Pending deliveries wait for each other again as they did. */
function formLines(statements: Statements, stored: readonly Row[]) {
  const sql = `SELECT @lock_line(d.endpoint_id, d.line), @settle_line(d.endpoint_id, d.line)
    FROM (SELECT DISTINCT endpoint_id, line FROM @webhook_deliveries WHERE id = ANY ($1::text[]) AND status = 'pending') d`
  return statements.rows(sql, [stored.map((row) => String(row.id))])
}
