import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { childScript } from '../child-script'
import { temporaryDir } from '../client/temporary-dir'
import { compileElectron } from './compile-electron'
import type { Shop } from './shop'

/** What an app lets its person see, and whether they can work. */
export interface Shown {
  readonly usable: boolean
  readonly said: string
}

/** How an app is started: as itself, to enter a license key, or by its uninstaller. */
export type Start = readonly ['start'] | readonly ['activate', string] | readonly ['uninstall']

/** One of the apps that are tried. */
export interface App {
  readonly name: string
  /** Compiles it; returns what to run with which arguments. */
  prepare(): Promise<{ readonly file: string; readonly args: (start: Start) => readonly string[] }>
  /** Reads what the person sees. */
  read(output: string, code: number | null): Shown
}

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
const folder = import.meta.dirname

const byCommand = ([command, key]: Start): readonly string[] => {
  if (command === 'uninstall') return ['--keyslot-deactivate']
  return key === undefined ? [] : [command, key]
}
const byExitCode = (output: string, code: number | null) => ({ usable: code === 0, said: output.trim() })

export const SHIPPED_APP: App = {
  name: 'examples/shipped-app',
  prepare: async () => ({ file: await childScript(path.join(examples, 'shipped-app/app.ts')), args: byCommand }),
  read: byExitCode,
}

/** The main process, with its windows and dialogs; only Electron and the settings are others. */
export const ELECTRON: App = {
  name: 'examples/electron',
  prepare: async () => ({ file: await compileElectron(), args: byCommand }),
  read(output) {
    if (output.trim() === '') return { usable: true, said: '' }
    const { usable, message, advice } = JSON.parse(output)
    return { usable, said: [message, advice].filter(Boolean).join(' ') }
  },
}

/** An app that goes by `check()` alone, and takes the first no for an end: what it holds goes, and its slot stays. */
export const CARELESS: App = {
  name: 'a careless app',
  prepare: async () => ({
    file: await childScript({
      folder,
      source: `
        import { readFileSync, rmSync } from 'node:fs'
        import { createLicenseKit } from 'keyslot/client'
        const config = JSON.parse(readFileSync(process.env.ACME_EDITOR_CONFIG, 'utf8'))
        const dataDir = process.env.ACME_EDITOR_DATA_DIR
        const kit = createLicenseKit({ ...config, appName: 'acme-editor', dataDir })
        const [command, key] = process.argv.slice(2)
        if (command === '--keyslot-deactivate') rmSync(dataDir, { recursive: true, force: true })
        else {
          const license = command === 'activate' ? await kit.activate(key).catch((error) => error) : await kit.check()
          if (!license.usable) rmSync(dataDir, { recursive: true, force: true })
          console.log(license.message)
          process.exitCode = license.usable ? 0 : 1
        }
      `,
    }),
    args: byCommand,
  }),
  read: byExitCode,
}

/** A computer with one app on it. */
export class Computer {
  /** How many days have gone by on it. */
  daysOn = 0
  /** How many days its clock is ahead besides. */
  daysAhead = 0
  /** The person's home folder. */
  home: string
  /** Runs the app with less than it needs, such as `ulimit`. */
  under: readonly string[] = []
  readonly #app: App
  readonly #shop: Shop

  private constructor(app: App, shop: Shop, home: string) {
    this.#app = app
    this.#shop = shop
    this.home = home
  }

  /** Where the app keeps its license. */
  get dataDir(): string {
    return path.join(this.home, 'acme-editor', 'keyslot')
  }

  static async of(app: App, shop: Shop): Promise<Computer> {
    return new Computer(app, shop, await temporaryDir())
  }

  /** A person starts the app, reads what it says, and ends it. */
  async run(...start: Start): Promise<Shown> {
    return await (await this.launch(...start)).shown
  }

  async launch(...start: Start): Promise<{ readonly child: ChildProcess; readonly shown: Promise<Shown> }> {
    const { file, args } = await this.#app.prepare()
    const clock = await childScript({ folder, source: TURNED_CLOCK })
    const [command = '', ...rest] = [...this.under, process.execPath, '--import', clock, file, ...args(start)]
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        DAYS_ON: String(this.daysOn),
        DAYS_AHEAD: String(this.daysAhead),
        ACME_EDITOR_CONFIG: this.#shop.config,
        ACME_EDITOR_DATA_DIR: this.dataDir,
        XDG_DATA_HOME: this.home,
        LOCALAPPDATA: this.home,
      },
    })
    const shown = new Promise<Shown>((resolve) => {
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
        })
      }
      child.on('close', (code) => resolve(this.#app.read(output, code)))
    })
    return { child, shown }
  }
}

/** Runs before the app: days have gone by since the computer has started, and its clock is a wrong one. */
const TURNED_CLOCK = `
  import { syncBuiltinESMExports } from 'node:module'
  import os from 'node:os'
  const daysOn = Number(process.env.DAYS_ON)
  const aheadMs = (daysOn + Number(process.env.DAYS_AHEAD)) * 86_400_000
  const uptime = os.uptime
  os.uptime = () => uptime() + daysOn * 86_400
  syncBuiltinESMExports()
  const Right = Date
  globalThis.Date = class extends Right {
    constructor(...parts) {
      if (parts.length === 0) super(Right.now() + aheadMs)
      else super(...parts)
    }
    static now() { return Right.now() + aheadMs }
  }
`
