import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Computer } from './computer'

/** What lies in a folder, by path. */
export type Files = ReadonlyMap<string, Buffer>

export function readFiles(folder: string): Files {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    found.map(({ parentPath, name }) => {
      const file = join(parentPath, name)
      return [file.slice(folder.length + 1), readFileSync(file)]
    }),
  )
}

/** Afterwards nothing else lies there. The folder itself stays the same one on its disk. */
export function putBack(folder: string, files: Files): void {
  emptyFolder(folder)
  for (const [path, content] of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { mode: 0o600 })
  }
}

export function emptyFolder(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
}

/** The copy is another folder on its disk. */
export function copyFolder(from: Computer, to: Computer): void {
  emptyFolder(to.folderOf('owner'))
  cpSync(from.folderOf('owner'), to.folderOf('owner'), { recursive: true })
}
