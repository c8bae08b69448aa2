import { UsageError } from '../failure'
import { mapRow, unfoldRows } from './apply-mapping'
import { checkColumns } from './check-columns'
import { type ImportEnd, type ImportWork, importFile } from './import-file'
import type { Input } from './input'
import type { Mapping } from './mapping-file'
import { createProgress, NO_PROGRESS } from './progress'
import { BEGINNING, type Format, formatOf, headingName, type Place, readRows } from './read-rows'
import { type RefusalSink, refusalSink } from './refusals'
import { type Resume, type ResumeFile, resumeFile } from './resume-file'
import { addTally, emptyTally, type Tally } from './tally'
import type { TransferStore } from './transfer-store'

/** How one input is imported. */
export interface InputChoices extends Pick<ImportWork, 'context' | 'requireAccount' | 'isStopping'> {
  readonly transfer: TransferStore
  readonly mapping: Mapping | undefined
  readonly format?: Format
  readonly product?: string
  readonly rejects?: string
  readonly dryRun?: true
  readonly strict?: true
  readonly ignoreColumns?: readonly string[]
  readonly resume: boolean
  readonly json?: true
  /** The counts of this input are added here. */
  readonly total: Tally
}

/** Imports one input. An import that was interrupted goes on where it stopped. */
export async function importInput(input: Input, choices: InputChoices): Promise<ImportEnd> {
  const { transfer, mapping, context, product } = choices
  const resumable = choices.resume && !choices.dryRun
  const deciding = [transfer.name, mapping ?? null, choices.format ?? null, product ?? null, context.accountId]
  const notes = resumable ? await resumeFile(input, deciding) : undefined
  const resumed = await notes?.load()
  if (resumed) {
    process.stderr.write(`keyslot: ${input.name}: going on after line ${resumed.place.line}, where it stopped before\n`)
  }
  const end = await run(input, choices, notes, resumed)
  if (end !== 'changed') return end
  process.stderr.write(`keyslot: ${input.name}: the store has changed since; beginning anew\n`)
  return run(input, choices, notes, undefined)
}

async function run(
  input: Input,
  choices: InputChoices,
  notes: ResumeFile | undefined,
  resumed: Resume | undefined,
): Promise<ImportEnd> {
  const { transfer, mapping, total } = choices
  const format = choices.format ?? formatOf(input.file) ?? mapping?.format ?? 'jsonl'
  if (format === 'csv' && mapping === undefined)
    throw new UsageError('a CSV table needs a mapping: --map csv, or your own')
  const start: Place = resumed?.batch ?? BEGINNING
  const unfold = (value: unknown) => (mapping ? unfoldRows(value, mapping) : [value])
  const { header, names, rows } = await readRows(input, format, start, unfold)
  if (names !== undefined && mapping !== undefined) tellColumns(input, names, mapping, choices)
  const refusals = await openRefusals(input, choices, header, resumed !== undefined)
  const progress = choices.json ? NO_PROGRESS : createProgress(input.size)
  const tally = resumed ? resumed.tally : emptyTally()
  try {
    const end = await importFile({
      ...choices,
      store: transfer.store,
      rows,
      toLine: (value) => (mapping ? mapped(value, mapping, choices.product !== undefined) : value),
      tally,
      resumed,
      start,
      dryRun: choices.dryRun === true,
      strict: choices.strict === true,
      onRefused: refusals.add,
      async onBatch(resume) {
        if (!choices.dryRun) await notes?.save(resume)
        progress.update(resume.place.offset, `${input.name}: ${tally.lines} lines`)
      },
    })
    if (end === 'done') await notes?.remove()
    if (end !== 'changed') addTally(total, tally)
    return end
  } finally {
    progress.end()
    await refusals.close()
  }
}

/** Says which columns count, so that nobody takes one for read that is not. */
function tellColumns(
  { name }: Input,
  names: readonly string[],
  mapping: Mapping,
  { ignoreColumns = [], json }: InputChoices,
): void {
  const { used, unused } = checkColumns(name, names, mapping, ignoreColumns.map(headingName))
  if (json || unused.length === 0) return
  process.stderr.write(`keyslot: ${name}: read are ${used.join(', ')}; not read are ${unused.join(', ')}\n`)
}

/** The line of a row. With `--product`, the products that rows name are ignored. */
function mapped(value: unknown, mapping: Mapping, forOneProduct: boolean): unknown {
  const line = mapRow(value, mapping)
  if (line === undefined || !forOneProduct) return line
  const { product: _, products: __, ...rest } = line
  return rest
}

function openRefusals(
  input: Input,
  { rejects, total }: InputChoices,
  header: string | undefined,
  resumed: boolean,
): Promise<RefusalSink> {
  if (rejects === undefined) return refusalSink(input.name, undefined)
  // Later inputs of one command add to the file of the first input.
  return refusalSink(input.name, { file: rejects, header, append: resumed || total.lines > 0 })
}
