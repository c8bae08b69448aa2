import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'

/** Writes the declarations of entries that are imported as ES modules: they point to those of the CommonJS build. */
export async function writeDeclarationsOfEsm(entries: readonly string[]): Promise<void> {
  for (const entry of entries) await writeFile(`dist/${entry}.d.ts`, `export * from './${basename(entry)}.cjs'\n`)
}

/** Writes an entry as an ES module that exports what its CommonJS build does, by the same names. */
export async function writeEsmOfCommonJs(entry: string): Promise<void> {
  const names = Object.keys(createRequire(import.meta.url)(resolve(`dist/${entry}.cjs`)))
  await writeFile(`dist/${entry}.js`, `export { ${names.join(', ')} } from './${basename(entry)}.cjs'\n`)
}
