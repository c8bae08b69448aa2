import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { childScript } from '../../child-script'
import type { Report } from './worker-jobs'

/** A process of its own. Everything it says is kept, so that nothing is missed by asking late. */
export class Worker<Job extends object> {
  /** How many claims it has said were acknowledged, so far. */
  claims = 0
  private readonly process: ChildProcess
  private readonly messages: unknown[] = []
  private readonly ended: Promise<unknown>
  private isEnded = false
  private onNews = () => {}

  /** @param script what it runs, for Node: ends with `serveJobs` */
  constructor(script: string) {
    this.process = fork(script, { execArgv: [] })
    this.process.on('message', (message) => {
      this.messages.push(message)
      if (isObject(message) && 'acknowledged' in message) this.claims = Number(message.acknowledged)
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

/** Workers that run one script, for the tests of a file; those that are left are killed after each test. */
export interface Workshop<Job extends object> {
  startWorkers(count: number): Promise<readonly Worker<Job>[]>
  /** Gives every worker its job, waits until all are ready, lets them go at once, and adds up their reports. */
  together(workers: readonly Worker<Job>[], job: (index: number) => Job): Promise<Report>
}

/** @param script in TypeScript */
export function createWorkshop<Job extends object>(script: URL): Workshop<Job> {
  const workers: Worker<Job>[] = []

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()))
  })

  return {
    async startWorkers(count) {
      const compiled = await childScript(fileURLToPath(script))
      const started = Array.from({ length: count }, () => new Worker<Job>(compiled))
      workers.push(...started)
      await Promise.all(started.map((worker) => worker.idle()))
      return started
    },

    async together(workers, job) {
      for (const [index, worker] of workers.entries()) worker.tell(job(index))
      await Promise.all(workers.map((worker) => worker.ready()))
      for (const worker of workers) worker.tell('go')
      const reports = await Promise.all(workers.map((worker) => worker.report()))
      const sums: Record<string, number> = {}
      for (const [kind, count] of reports.flatMap((report) => Object.entries(report))) {
        sums[kind] = (sums[kind] ?? 0) + count
      }
      return sums
    },
  }
}
