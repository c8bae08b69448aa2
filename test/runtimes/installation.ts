import { strict as assert } from 'node:assert'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppReport, AppSetup, Step } from './app'

/** Where an app runs: a runtime, on an operating system. */
export interface Stage {
  /** What the app calls a file of this computer. */
  pathOf(file: string): string
  /** Runs the app once, to its end. */
  run(setupFile: string, env: Readonly<Record<string, string>>): Promise<void>
}

/** What is different at one start. */
interface Circumstances {
  readonly options?: Partial<AppSetup['options']>
  readonly licenseKey?: string
  readonly clockAheadMs?: number
  /** Variables that the process is started with. */
  readonly env?: Readonly<Record<string, string>>
  /** Variables that the app itself changes: what a system sets anew for each process. */
  readonly ownEnv?: Readonly<Record<string, string>>
}

/** An app on one computer. Each start is a process of its own. */
export class Installation {
  starts = 0
  readonly stage: Stage
  readonly #folder: string
  readonly #options: AppSetup['options']

  /** @param folder for what the app is told and what it tells */
  constructor(stage: Stage, folder: string, options: AppSetup['options']) {
    this.stage = stage
    this.#folder = folder
    this.#options = options
  }

  /** Starts the app, which takes the steps and ends. */
  async start(
    steps: readonly Step[],
    { options, licenseKey = '', clockAheadMs = 0, env = {}, ownEnv = {} }: Circumstances = {},
  ): Promise<AppReport> {
    this.starts++
    const report = join(this.#folder, `report-${this.starts}.json`)
    const file = join(this.#folder, `setup-${this.starts}.json`)
    const setup: AppSetup = {
      options: { ...this.#options, ...options },
      licenseKey,
      steps,
      env: ownEnv,
      clockAheadMs,
      report: this.stage.pathOf(report),
    }
    await writeFile(file, JSON.stringify(setup))
    await this.stage.run(this.stage.pathOf(file), env)
    return JSON.parse(await readFile(report, 'utf8'))
  }

  /** @throws where the app does not say these words, one for each step */
  async expect(steps: readonly Step[], words: string, circumstances?: Circumstances): Promise<void> {
    const { said } = await this.start(steps, circumstances)
    assert.equal(said.join(', '), words)
  }
}
