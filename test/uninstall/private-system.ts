import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A user of the private system. */
export interface User {
  readonly name: string
  readonly uid: number
  readonly home: string
}

/** The folders of a private system. */
export interface PrivateSystem {
  readonly root: string
  readonly homes: string
  /** Adds a user, with a home of its own; not to the user list where `listed` is false. */
  addUser(name: string, options?: { home?: string; listed?: boolean }): User
}

/**
 * Turns this process's view of the computer into one of its own: dpkg's database and the user list are copies, and
 * everything else happens below `root`, in memory. To be called in a process started with `unshare -m`: what it mounts
 * is gone when that process ends, however it ends.
 */
export function createPrivateSystem(root: string): PrivateSystem {
  run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'none', root)
  for (const original of ['/var/lib/dpkg', '/etc/passwd', '/etc/group']) {
    const copy = join(root, 'system', original)
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(original, copy, { recursive: true, preserveTimestamps: true })
    run('mount', '--bind', copy, original)
  }
  const homes = join(root, 'home')
  mkdirSync(homes)
  moveRootsHome(join(root, 'roots-home'))
  let uid = 23_000
  return {
    root,
    homes,
    addUser(name, { home = join(homes, name), listed = true } = {}) {
      uid++
      mkdirSync(home, { recursive: true })
      chownSync(home, uid, uid)
      chmodSync(home, 0o700)
      if (listed) appendFileSync('/etc/passwd', `${name}:x:${uid}:${uid}::${home}:/bin/sh\n`)
      return { name, uid, home }
    },
  }
}

/** So that nothing of the real one is touched. */
function moveRootsHome(home: string): void {
  mkdirSync(home, { mode: 0o700 })
  const users = readFileSync('/etc/passwd', 'utf8')
  writeFileSync('/etc/passwd', users.replace(/^(root:[^:]*:0:0:[^:]*):[^:]*:/m, `$1:${home}:`))
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'inherit' })
}
