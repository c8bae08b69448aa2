import { randomBytes } from 'node:crypto'
import { DEFAULT_ACCOUNT_ID } from '../../domain/account'
import { createId } from '../../domain/random'
import { recordLineSchema } from '../../protocol/schemas/record-lines'
import { CommandFailure, UsageError } from '../failure'
import { print, printJson } from '../output'
import { defaultAccount } from '../transfer/default-account'
import { importInput } from '../transfer/import-input'
import { openInput } from '../transfer/input'
import { onInterrupt } from '../transfer/interrupt'
import { loadMapping, printedMapping } from '../transfer/mapping-file'
import { loadProducts } from '../transfer/product-catalogue'
import type { Format } from '../transfer/read-rows'
import { emptyTally, type Tally } from '../transfer/tally'
import { type TransferStore, withTransferStore } from '../transfer/transfer-store'

export interface ImportOptions {
  readonly storage: string
  readonly map?: string
  readonly format?: Format
  readonly product?: string
  readonly account?: string
  readonly rejects?: string
  readonly ignoreColumns?: readonly string[]
  readonly dryRun?: true
  readonly strict?: true
  /** False: every file is read from its beginning. */
  readonly resume: boolean
  readonly printMapping?: string
  readonly printSchema?: true
  readonly json?: true
}

/** Imports files, one after the other, and prints the counts. */
export async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  if (options.printMapping !== undefined) return print(await printedMapping(options.printMapping))
  if (options.printSchema) return print(JSON.stringify(recordLineSchema(), null, 2))
  if (files.length === 0) throw new UsageError('which file is to be imported? - is standard input')
  const dryRun = options.dryRun === true
  await withTransferStore(options.storage, { create: !dryRun }, (transfer) => importInto(transfer, files, options))
}

async function importInto(transfer: TransferStore, files: readonly string[], options: ImportOptions): Promise<void> {
  const { store } = transfer
  const accountId = options.account ?? DEFAULT_ACCOUNT_ID
  if (options.account !== undefined && (await store.findAccount(accountId)) === null) {
    throw new CommandFailure(`there is no account ${accountId}`)
  }
  const mapping = options.map === undefined ? undefined : await loadMapping(options.map)
  const now = new Date()
  const product = options.product === undefined ? undefined : productReference(options.product)
  const products = await loadProducts(store)
  if (product !== undefined && !products.find(accountId, product)) {
    throw new CommandFailure(
      `there is no product ${options.product}, or several have this name; see keyslot product list`,
    )
  }
  const context = { accountId, product, products, now, createJti: () => createId('lt', randomBytes) }
  const total = emptyTally()
  const interrupt = onInterrupt()
  const choices = { ...options, transfer, context, mapping, total, requireAccount: defaultAccount(store, now) }
  let complete = true
  try {
    for (const file of files) {
      const end = await importInput(await openInput(file), { ...choices, isStopping: interrupt.isStopping })
      complete = end === 'done'
      if (!complete) break
    }
  } finally {
    interrupt.release()
  }
  report(total, options)
  if (!complete) interrupt.end()
  if (total.refused > 0) {
    throw new CommandFailure(`${total.refused} of ${total.lines} lines were not ${options.dryRun ? 'right' : 'taken'}`)
  }
}

function productReference(text: string): string | number {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function report(total: Tally, { json, dryRun }: ImportOptions): void {
  const { lines, refused, bad, stored, existing, conflict, orphan, kinds } = total
  if (json) {
    printJson({ dryRun: dryRun === true, lines, refused, bad, stored, existing, conflict, orphan, kinds })
  } else if (dryRun) {
    print(`${lines} lines read, ${lines - refused} of them right; nothing was stored.`)
  } else {
    const records = `${stored} records stored, ${existing} there already, ${conflict} in conflict, ${orphan} orphans`
    print(`${lines} lines: ${records}; ${bad} bad lines.`)
  }
}
