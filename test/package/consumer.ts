import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What a command printed; a command that fails rejects with it. */
interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** A project of somebody else's, with the packed tarball installed. */
export interface Consumer {
  readonly folder: string
  write(file: string, text: string): Promise<void>
  exec(command: string, ...args: string[]): Promise<Output>
  remove(): Promise<void>
}

export interface PackageManifest {
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly version: string
}

export async function readManifest(): Promise<PackageManifest> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
}

export interface Packed {
  /** Path of the tarball. */
  readonly tarball: string
  /** Paths in it. */
  readonly files: readonly string[]
  /** Size of those files. */
  readonly unpackedBytes: number
}

/** Packs what `npm publish` would, from the build that stands. */
export async function pack(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  })
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[]; unpackedSize: number }]
  return {
    tarball: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path),
    unpackedBytes: packed.unpackedSize,
  }
}

/**
 * Installs the tarball with npm, offline: what it depends on comes from this checkout, as do the named extras
 * (package name → folder below `node_modules`).
 */
export async function createConsumer(
  tarball: string,
  extras: Readonly<Record<string, string>> = {},
): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-consumer-'))
  const { dependencies } = await readManifest()
  const own = Object.fromEntries(Object.keys(dependencies).map((name) => [name, name]))
  const linked = Object.entries({ ...own, ...extras }).map(([name, source]) => [
    name,
    `file:${join(ROOT, 'node_modules', source)}`,
  ])
  const manifest = {
    name: 'consumer',
    private: true,
    dependencies: { keyslot: `file:${tarball}`, ...Object.fromEntries(linked) },
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  const exec = (command: string, ...args: string[]) => run(command, args, { cwd: folder, timeout: 60_000 })
  await exec('npm', 'install', '--offline', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund')
  return {
    folder,
    exec,
    async write(file, text) {
      await mkdir(join(folder, file, '..'), { recursive: true })
      await writeFile(join(folder, file), text)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
