import { setMaxListeners } from 'node:events'
import type { Logger } from '../options'
import { Bell } from './bell'
import { DEFAULTS, type DispatchReport, type WebhookDispatcherOptions } from './dispatcher-options'
import { DueDeliveries } from './due-deliveries'
import { quietLogger } from './quiet-logger'
import { DueSearch } from './webhook-search'
import { Turns } from './webhook-turns'

/** Delivers what the storage's outbox holds, at least once and in order per license. Several processes may. */
export interface WebhookDispatcher {
  /** Delivers from now on whatever is due. */
  start(): void
  /** Says that these accounts have something to send: looks at once instead of at the next poll. Does nothing unless started. */
  wake(accountIds: readonly string[]): void
  /**
   * Delivers until nothing more is due, but for what an endpoint that keeps failing has to wait for: for a cron job, or where
   * {@link start} is not called.
   * @throws what the storage throws when it cannot be asked for deliveries
   */
  runOnce(): Promise<DispatchReport>
  /** Takes no more, waits for attempts under way, then cuts them off. For good. */
  stop(): Promise<void>
}

/** Wakes this close together count as one: a busy licensing service wakes with every request. */
const WAKE_DELAY_MS = 20

export function createWebhookDispatcher(options: WebhookDispatcherOptions): WebhookDispatcher {
  return new Dispatcher({ ...DEFAULTS, ...options })
}

class Dispatcher implements WebhookDispatcher {
  private state: 'by-hand' | 'started' | 'stopped' = 'by-hand'
  private underWay: Promise<DispatchReport> | undefined
  private stopping: Promise<void> | undefined
  private cancelPoll = () => {}
  private cancelWake: (() => void) | undefined
  private readonly bell = new Bell()
  private readonly cutOff = new AbortController()
  private readonly logger: Logger
  private readonly search: DueSearch
  private readonly deliveries: DueDeliveries

  constructor(private readonly config: Required<WebhookDispatcherOptions>) {
    this.logger = quietLogger(config.logger)
    const turns = new Turns(config.concurrency)
    this.search = new DueSearch(config, turns)
    // Each attempt under way listens.
    setMaxListeners(0, this.cutOff.signal)
    const { logger, search, bell } = this
    this.deliveries = new DueDeliveries({ ...config, logger }, { turns, search, bell, cutOff: this.cutOff.signal })
  }

  start(): void {
    if (this.state !== 'by-hand') return
    this.state = 'started'
    this.pollIn(0)
  }

  wake(accountIds: readonly string[]): void {
    if (this.state !== 'started') return
    this.search.wantAccounts(accountIds)
    this.cancelWake ??= this.config.schedule(() => {
      this.cancelWake = undefined
      this.look()
    }, WAKE_DELAY_MS)
  }

  async runOnce(): Promise<DispatchReport> {
    // A run under way may have looked already: join none.
    while (this.underWay !== undefined) await this.underWay.catch(() => undefined)
    this.search.wantAll()
    return this.run()
  }

  stop(): Promise<void> {
    this.state = 'stopped'
    this.deliveries.stop()
    this.cancelPoll()
    this.cancelWake?.()
    this.bell.ring()
    this.stopping ??= this.waitForAttempts()
    return this.stopping
  }

  private async waitForAttempts(): Promise<void> {
    const { underWay } = this
    if (underWay === undefined) return
    await new Promise<void>((resolve) => {
      const cancel = this.config.schedule(resolve, this.config.stopTimeoutMs)
      const ended = () => {
        cancel()
        resolve()
      }
      underWay.then(ended, ended)
    })
    this.cutOff.abort()
  }

  private pollIn(delayMs: number): void {
    this.cancelPoll()
    this.cancelPoll = this.config.schedule(() => {
      this.search.wantAll()
      if (this.underWay !== undefined) this.pollIn(this.config.pollMs)
      this.look()
    }, delayMs)
  }

  /** Has the run under way look again, or begins one. */
  private look(): void {
    this.bell.ring()
    // Its errors go to whoever started it.
    if (this.underWay !== undefined) return
    this.run().catch((error: unknown) => this.logger.error('keyslot: webhook deliveries cannot be read', error))
  }

  private run(): Promise<DispatchReport> {
    this.underWay ??= this.deliveries.send().finally(() => {
      this.underWay = undefined
      if (this.state !== 'started') return
      this.pollIn(this.config.pollMs)
      // Rung when it had just looked for the last time.
      if (this.bell.hasRung) this.look()
    })
    if (this.state === 'started') this.pollIn(this.config.pollMs)
    return this.underWay
  }
}
