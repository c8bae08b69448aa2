import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A language that has a verifier in examples/verify. */
export interface Language {
  readonly name: string
  /** Its file, below examples/verify. */
  readonly file: string
  /** Absent where Debian has nothing that runs it. */
  readonly runner?: Runner
}

/** What runs a verifier. */
interface Runner {
  /** Debian's packages that bring it. */
  readonly debian: string
  /** Tells by its exit code whether this computer has it. */
  readonly probe: readonly string[]
  /** Prints a verdict for each vector, a line each. `folder` is the verifier's own, and empty. */
  readonly run: (vectors: string, folder: string) => Run
}

type Run = SpawnSyncReturns<string>

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Ends what hangs; a busy computer may take long to compile. */
const TIMEOUT_MS = 300_000

export const LANGUAGES: readonly Language[] = [
  {
    name: 'Python',
    file: 'python/verify.py',
    runner: {
      debian: 'python3-cryptography',
      probe: ['/usr/bin/python3', '-c', 'import cryptography'],
      run: (vectors) => runPython(vectors, verifier('python')),
    },
  },
  {
    name: 'Go',
    file: 'go/verify.go',
    runner: {
      debian: 'golang-go',
      probe: ['go', 'version'],
      run(vectors, folder) {
        place(folder, { 'go.mod': program('go/go.mod'), 'main.go': program('go/main.go') })
        place(folder, { 'license/verify.go': verifier('go/verify.go') })
        return start(['go', 'run', '.', vectors], { cwd: folder, GOCACHE: join(folder, 'cache') })
      },
    },
  },
  {
    name: 'PHP',
    file: 'php/verify.php',
    runner: {
      debian: 'php-cli',
      probe: ['php', '-r', 'exit(extension_loaded("sodium") ? 0 : 1);'],
      run: (vectors) => start(['php', program('php/vectors.php'), vectors, verifier('php/verify.php')]),
    },
  },
  {
    name: 'Rust',
    file: 'rust/verify.rs',
    runner: {
      debian: 'cargo librust-chrono-dev librust-data-encoding-dev librust-ring-dev librust-serde-json-dev',
      probe: [
        'sh',
        '-c',
        'cargo --version && cd /usr/share/cargo/registry && ls -d ring-0.16.* chrono-* data-encoding-*',
      ],
      run(vectors, folder) {
        place(folder, { 'Cargo.toml': program('rust/Cargo.toml'), '.cargo/config.toml': program('rust/config.toml') })
        place(folder, { 'src/main.rs': program('rust/main.rs'), 'src/verify.rs': verifier('rust/verify.rs') })
        return start(['cargo', 'run', '--quiet', '--offline', '--', vectors], { cwd: folder })
      },
    },
  },
  { name: 'C#', file: 'csharp/Verifier.cs' },
  { name: 'Swift', file: 'swift/Verifier.swift' },
]

/** Whether this computer has what runs the verifier. */
export function isHere({ probe }: Runner): boolean {
  return start(probe).status === 0
}

/** Runs the `verify.py` of a folder. */
export function runPython(vectors: string, folder: string): Run {
  return start(['/usr/bin/python3', '-B', program('python/vectors.py'), vectors, folder])
}

function start([command = '', ...args]: readonly string[], { cwd = ROOT, ...env }: Record<string, string> = {}): Run {
  return spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: TIMEOUT_MS })
}

function place(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    copyFileSync(source, join(folder, path))
  }
}

/** What runs a verifier on the vectors. */
function program(path: string): string {
  return join(ROOT, 'test/verifiers', path)
}

function verifier(path: string): string {
  return join(ROOT, 'examples/verify', path)
}
