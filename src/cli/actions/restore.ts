import { existsSync } from 'node:fs'
import { copyFile, readFile, rename } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isOpenElsewhere } from '../../storage/sqlite/snapshot'
import { createStore } from '../../storage/verbs/create-store'
import { type ExaminedStore, examineStore, signsFor, sqliteFileOf } from '../backup/examine-store'
import { placeDatabase } from '../backup/place-database'
import { CommandFailure } from '../failure'
import { createStorage } from '../open-store'
import { paint, print, printJson } from '../output'
import { writePrivateFile } from '../private-file'
import { type KeysNamed, keyringBeside, keyringSourceOf } from '../storage-location'
import { cell, formatFields } from '../table'

export interface RestoreOptions extends KeysNamed {
  readonly storage: string
  readonly replace?: true
  readonly json?: true
}

/** What became of the keyring. */
type Keyring =
  | { readonly kind: 'kept' | 'restored'; readonly file: string }
  | { readonly kind: 'elsewhere'; readonly file: null }

/** Puts a backup in the place of a store. */
export async function restore(backup: string, options: RestoreOptions): Promise<void> {
  const file = sqliteFileOf(options.storage)
  if (!existsSync(backup)) throw new CommandFailure(`there is no file ${backup}`)
  if (resolve(backup) === resolve(file)) throw new CommandFailure(`${backup} is the store itself`)
  const found = await examineStore(backup)
  const keyring = await keyringFor(found, backup, file, options)
  if (keyring.kind === 'restored') await writePrivateFile(keyring.file, await readFile(keyringBeside(backup), 'utf8'))
  const replaced = await placeDatabase(file, false, async (partial) => {
    await copyFile(backup, partial)
    return existsSync(file) ? resolve(await setAside(file, options)) : null
  })
  await open(file)
  const restored = { ...found, file: resolve(file), keyring, replaced }
  if (options.json) printJson(restored)
  else print(toPerson(restored))
}

/**
 * The keyring that is there stays: it may hold newer keys, which apps have come to trust.
 * @throws {CommandFailure} where neither that one nor the backup's holds the key of the backup
 */
async function keyringFor(
  found: ExaminedStore,
  backup: string,
  file: string,
  options: RestoreOptions,
): Promise<Keyring> {
  const source = keyringSourceOf({ kind: 'sqlite', file }, options)
  if (typeof source !== 'string') return { kind: 'elsewhere', file: null }
  if (existsSync(source)) {
    if (await signsFor(found, source)) return { kind: 'kept', file: source }
    throw new CommandFailure(
      `${source} does not hold the key of this backup; put it aside, or name the right one with --keys`,
    )
  }
  const brought = keyringBeside(backup)
  if (existsSync(brought) && (await signsFor(found, brought))) return { kind: 'restored', file: source }
  throw new CommandFailure(
    `there is no keyring in ${source}, and none beside the backup (${brought}) that holds its key; name it with --keys`,
  )
}

/** @throws {CommandFailure} where a server has the store open, or it is not meant */
async function setAside(file: string, { replace }: RestoreOptions): Promise<string> {
  if (!replace)
    throw new CommandFailure(`there is a store at ${file}; add --replace, and it is kept under another name`)
  if (await isOpenElsewhere(file)) throw new CommandFailure(`${file} is in use: stop its server first`)
  const aside = `${file}.replaced-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`
  await rename(file, aside)
  return aside
}

/** Brings an earlier keyslot's tables up to date. */
async function open(file: string): Promise<void> {
  const store = createStore(await createStorage({ kind: 'sqlite', file }))
  await store.open()
  await store.close()
}

interface Restored extends ExaminedStore {
  readonly file: string
  readonly keyring: Keyring
  /** Where the store is that was there. */
  readonly replaced: string | null
}

function toPerson({ file, keyring, licenses, activations, replaced }: Restored): string {
  const fields = formatFields([
    ['Store', paint('bold', cell(file))],
    ['Signing keys', keyring.file === null ? 'in the variable' : `${cell(resolve(keyring.file))} (${keyring.kind})`],
    ['Licenses', String(licenses)],
    ['Activations', String(activations)],
    ...(replaced === null ? [] : [['Kept aside', cell(replaced)] as const]),
  ])
  return `${fields}

Start the server. Apps that were activated since the backup come back by themselves, as long as their tokens last.
What you blocked, deleted or revoked since the backup, do again.`
}
