import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

/** What a worker can be told to do; see sqlite-worker.ts. */
export type Job =
  | { readonly job: 'open' | 'lock'; readonly file: string }
  | {
      readonly job: 'race'
      readonly file: string
      readonly licenses: readonly string[]
      readonly hosts: readonly string[]
    }
  | {
      readonly job: 'naive'
      readonly file: string
      readonly licenses: readonly string[]
      readonly hosts: readonly string[]
      readonly limit: number
    }
  | {
      readonly job: 'load'
      readonly file: string
      readonly canonicalKey: string
      readonly host: string
      readonly acknowledged: string
    }
  | {
      readonly job: 'seats'
      readonly file: string
      readonly canonicalKey: string
      /** Those whose name begins with `dies` keep their seat for ever. */
      readonly clients: readonly string[]
      readonly at: number
    }
  | {
      readonly job: 'deliver'
      readonly file: string
      readonly at: number
      /** `take`: and nothing else, as one that dies. `drain`: until all is delivered. */
      readonly how: 'take' | 'drain'
    }

/** How often each thing happened, an outcome's kind or whatever the job counts. */
export type Report = Readonly<Record<string, number>>

/** A process of its own. Everything it says is kept, so that nothing is missed by asking late. */
export class Worker {
  private readonly process: ChildProcess
  private readonly messages: unknown[] = []
  private readonly ended: Promise<unknown>
  private isEnded = false
  private onNews = () => {}

  constructor() {
    const script = fileURLToPath(new URL('./sqlite-worker.ts', import.meta.url))
    this.process = fork(script, { execArgv: ['--import', 'tsx'] })
    this.process.on('message', (message) => {
      this.messages.push(message)
      this.onNews()
    })
    this.ended = once(this.process, 'exit').then(() => {
      this.isEnded = true
      this.onNews()
    })
  }

  tell(message: Job | 'go'): void {
    this.process.send(message)
  }

  /** Loaded, and waiting for a job. */
  async idle(): Promise<void> {
    await this.heard((message) => message === 'idle')
  }

  /** Prepared, and waiting to go. */
  async ready(): Promise<void> {
    await this.heard((message) => message === 'ready')
  }

  async report(): Promise<Report> {
    return ((await this.heard((message) => isObject(message) && 'report' in message)) as { report: Report }).report
  }

  /** Resolves once it has said that so many claims were acknowledged. */
  async acknowledged(count: number): Promise<void> {
    await this.heard((message) => isObject(message) && Number(message.acknowledged) >= count)
  }

  /** No handler of its own runs. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.ended
  }

  /** Waits for one of these messages, and takes it and all before it, so that none counts twice. */
  private async heard(isWanted: (message: unknown) => boolean): Promise<unknown> {
    for (;;) {
      const index = this.messages.findIndex(isWanted)
      if (index >= 0) return this.messages.splice(0, index + 1).at(-1)
      if (this.isEnded) throw new Error('A worker has ended before its time')
      await new Promise<void>((resolve) => {
        this.onNews = resolve
      })
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Starts workers; those that are left are killed after the test. */
export function createWorkers() {
  const workers: Worker[] = []

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()))
  })

  return async (count: number): Promise<readonly Worker[]> => {
    const started = Array.from({ length: count }, () => new Worker())
    workers.push(...started)
    await Promise.all(started.map((worker) => worker.idle()))
    return started
  }
}

/** Gives every worker its job, waits until all are ready, lets them go at once, and adds up their reports. */
export async function together(workers: readonly Worker[], job: (index: number) => Job): Promise<Report> {
  for (const [index, worker] of workers.entries()) worker.tell(job(index))
  await Promise.all(workers.map((worker) => worker.ready()))
  for (const worker of workers) worker.tell('go')
  const reports = await Promise.all(workers.map((worker) => worker.report()))
  const sums: Record<string, number> = {}
  for (const [kind, count] of reports.flatMap((report) => Object.entries(report))) {
    sums[kind] = (sums[kind] ?? 0) + count
  }
  return sums
}
