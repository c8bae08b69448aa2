import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A fresh folder, gone after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-cli-'))
  made.push(folder)
  return folder
}

/** The options that name a store in a fresh folder. */
export function scratchStore(): { readonly file: string; readonly args: readonly [string, string] } {
  const file = join(scratchFolder(), 'store.db')
  return { file, args: ['--storage', `sqlite:${file}`] }
}
