/** How often each thing happened, an outcome's kind or whatever the job counts. */
export type Report = Readonly<Record<string, number>>

interface NamedJob {
  readonly job: string
}

/** What a worker does, by the job's name. */
export type Jobs<Job extends NamedJob> = {
  readonly [K in Job['job']]: (job: Extract<Job, { job: K }>) => Promise<Report>
}

/**
 * Says `ready`, and resolves when told to go. A job loads and opens everything before, so that processes told to go at
 * once do start at once.
 */
export function barrier(): Promise<void> {
  process.send?.('ready')
  return new Promise((resolve) => {
    process.once('message', () => resolve())
  })
}

/** Does the job this process is sent, then the next, until whoever started it is gone. */
export async function serveJobs<Job extends NamedJob>(jobs: Jobs<Job>): Promise<never> {
  const run = (job: Job): Promise<Report> => jobs[job.job as Job['job']](job as never)
  process.on('disconnect', () => process.exit())
  for (;;) {
    const job = await new Promise<Job>((resolve) => {
      process.once('message', (message) => resolve(message as Job))
      process.send?.('idle')
    })
    process.send?.({ report: await run(job) })
  }
}
