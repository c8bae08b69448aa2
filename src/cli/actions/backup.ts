import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { copyDatabase } from '../../storage/sqlite/snapshot'
import { SCHEMA } from '../../storage/tables'
import { type ExaminedStore, examineStore, signsFor, sqliteFileOf } from '../backup/examine-store'
import { fileThere, placeDatabase } from '../backup/place-database'
import { CommandFailure } from '../failure'
import { paint, print, printJson } from '../output'
import { writePrivateFile } from '../private-file'
import { type KeysNamed, keyringBeside, keyringSourceOf } from '../storage-location'
import { cell, formatFields } from '../table'

export interface BackupOptions extends KeysNamed {
  readonly storage: string
  readonly replace?: true
  /** False: the keyring is left out. */
  readonly keyring: boolean
  readonly json?: true
}

/** Copies a store as it is at one moment, and its keyring. */
export async function backup(out: string, options: BackupOptions): Promise<void> {
  const file = sqliteFileOf(options.storage)
  if (!existsSync(file)) throw new CommandFailure(`there is no store at ${file}`)
  const replaces = options.replace === true
  if (existsSync(out) && !replaces) throw fileThere(out)
  const keyringFile = options.keyring ? keyringToCopy(file, options) : undefined
  const found = await placeDatabase(out, replaces, async (partial) => {
    await copyDatabase(file, partial, SCHEMA)
    const examined = await examineStore(partial)
    if (keyringFile !== undefined) await requireKeys(examined, keyringFile)
    return examined
  })
  const copied = keyringFile === undefined ? undefined : await copyKeyring(keyringFile, out)
  report(out, found, copied, options)
}

/** @throws {CommandFailure} where there is none: a backup that nobody can sign with must not look like one */
function keyringToCopy(file: string, options: BackupOptions): string {
  const source = keyringSourceOf({ kind: 'sqlite', file }, options)
  if (typeof source === 'string' && existsSync(source)) return source
  const where = typeof source === 'string' ? `there is no keyring in ${source}` : 'the keys are in a variable'
  throw new CommandFailure(
    `${where}; name it with --keys, or leave it out with --no-keyring where it is backed up elsewhere`,
  )
}

async function requireKeys(examined: ExaminedStore, keyringFile: string): Promise<void> {
  if (await signsFor(examined, keyringFile)) return
  throw new CommandFailure(`${keyringFile} does not hold the key that this store was last used with; see --keys`)
}

async function copyKeyring(from: string, out: string): Promise<string> {
  const to = keyringBeside(out)
  await writePrivateFile(to, await readFile(from, 'utf8'))
  return to
}

function report(out: string, found: ExaminedStore, copied: string | undefined, { json }: BackupOptions): void {
  const { licenses, activations } = found
  const [file, keyring] = [resolve(out), copied === undefined ? null : resolve(copied)]
  if (json) printJson({ file, keyring, licenses, activations })
  else
    print(
      formatFields([
        ['Backup', paint('bold', cell(file))],
        ['Signing keys', keyring === null ? 'not in it' : `${cell(keyring)} (private)`],
        ['Licenses', String(licenses)],
        ['Activations', String(activations)],
      ]),
    )
}
