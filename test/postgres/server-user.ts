import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Options for `spawn` that say who runs a program: none for whoever runs the tests. */
export type ServerUser = { readonly uid: number; readonly gid: number } | Record<never, never>

/** Who runs PostgreSQL, which refuses root: then `nobody`, who is everywhere and owns nothing. */
export function findServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? []
  if (uid === undefined) throw new Error('PostgreSQL does not run as root, and there is no user "nobody" to run it as')
  return { uid: Number(uid), gid: Number(gid) }
}

/** A fresh folder that this user can enter: root's temporary folder may be closed to others. */
export async function folderFor(user: ServerUser): Promise<string> {
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const folder = await mkdtemp(join(parent, 'keyslot-postgres-'))
    await chmod(folder, 0o755)
    if (canEnter(user, folder)) return folder
    await rm(folder, { recursive: true })
  }
  throw new Error('there is no temporary folder that the user of PostgreSQL could enter')
}

function canEnter(user: ServerUser, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' }).status === 0
}
