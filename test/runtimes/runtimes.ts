import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installAlone } from './from-npm'

const run = promisify(execFile)

/** What runs an app: a program, with arguments before the app's file. */
export interface Runtime {
  /** With its version. */
  readonly name: string
  readonly executable: string
  readonly args: readonly string[]
}

interface Offer {
  /** The package of npm that holds the program itself: the packages `bun` and `deno` need scripts to fetch it. */
  readonly specifier: string
  /** Path of the program in it. */
  readonly file: string
  readonly args?: readonly string[]
}

const SYSTEM = process.platform
const ARCH = process.arch

const BUN: Offer = {
  specifier: `@oven/bun-${SYSTEM}-${ARCH === 'arm64' ? 'aarch64' : ARCH}@1.4`,
  file: 'bin/bun',
}

const DENO: Offer = {
  specifier: `@deno/${SYSTEM}-${ARCH}${SYSTEM === 'linux' ? '-glibc' : ''}@2.9`,
  file: 'deno',
  args: ['run', '--allow-all', '--no-lock', '--quiet'],
}

/** @param version of Node, as npm takes it */
function node(version: string): Offer {
  const isWindows = SYSTEM === 'win32'
  return {
    specifier: `node-${isWindows ? 'win' : SYSTEM}-${ARCH}@${version}`,
    file: isWindows ? 'bin/node.exe' : 'bin/node',
  }
}

/**
 * Downloads a runtime into the folder.
 * @param wanted `bun`, `deno`, or a version of Node
 */
export async function download(wanted: string, folder: string): Promise<Runtime> {
  const kind = wanted === 'bun' || wanted === 'deno' ? wanted : 'node'
  const { specifier, file, args = [] } = { bun: BUN, deno: DENO, node: node(wanted) }[kind]
  const executable = join(await installAlone(folder, specifier), file)
  const { stdout } = await run(executable, ['--version'])
  return { name: `${kind} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0]}`, executable, args }
}
