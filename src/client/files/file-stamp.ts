import { statSync } from 'node:fs'

/** Names one version of a file: every write of ours makes a new inode. `absent` also stands for no file at all. */
export function stampOf(file: string | undefined): string {
  if (file === undefined) return 'absent'
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    return found === undefined ? 'absent' : `${found.ino} ${found.mtimeMs} ${found.size}`
  } catch {
    return 'unreadable'
  }
}
