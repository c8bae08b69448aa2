import type { RandomBytes } from '../../domain/random'
import type { ClaimedDelivery, DeliveryResult, Store } from '../../storage/verbs/store'
import type { Logger } from '../options'
import { quietLogger } from './quiet-logger'
import { DEFAULT_MAX_ATTEMPTS, retryDelayMs } from './retry-delay'
import { ATTEMPT_TIMEOUT_MS, type SendResult, type SendWebhook } from './webhook-sender'

/** Calls back after a while; what it returns cancels that. Its timers must not keep the process alive. */
export type Schedule = (callback: () => void, delayMs: number) => () => void

export interface WebhookDispatcherOptions {
  readonly store: Pick<Store, 'claimDeliveries' | 'settleDelivery'>
  readonly send: SendWebhook
  readonly logger: Logger
  readonly now: () => Date
  readonly random: RandomBytes
  /** Default unreferenced timers of Node's. */
  readonly schedule?: Schedule
  /** How many attempts may be under way at once, in this process. Default 20. */
  readonly concurrency?: number
  /** After how many attempts a delivery is dead. Default 28, which takes two days. */
  readonly maxAttempts?: number
  /** How long a taken delivery is out of reach of others; longer than an attempt of `send`. Default 30,000. */
  readonly leaseMs?: number
  /** How often to look for what other processes stored and what is due again. Default 5000. */
  readonly pollMs?: number
  /** How long `stop` waits for attempts under way. Default 7000, longer than an attempt. */
  readonly stopTimeoutMs?: number
}

/** How many attempts ended how. */
export interface DispatchReport {
  readonly delivered: number
  /** To be tried again. */
  readonly failed: number
  /** Given up. */
  readonly dead: number
}

/** Delivers what the storage's outbox holds, at least once and in order per license. Several processes may. */
export interface WebhookDispatcher {
  /** Delivers from now on whatever is due. */
  start(): void
  /** Says that events were stored: looks at once instead of at the next poll. Does nothing unless started. */
  wake(): void
  /**
   * Delivers until nothing more is due: for a cron job, or where {@link start} is not called.
   * @throws what the storage throws when it cannot be asked for deliveries
   */
  runOnce(): Promise<DispatchReport>
  /** Takes no more, waits for attempts under way, then cuts them off. For good. */
  stop(): Promise<void>
}

/** Wakes this close together count as one: a busy licensing service wakes with every request. */
const WAKE_DELAY_MS = 20

const DEFAULTS = {
  schedule: (callback: () => void, delayMs: number) => {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
  concurrency: 20,
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  leaseMs: 30_000,
  pollMs: 5000,
  stopTimeoutMs: ATTEMPT_TIMEOUT_MS + 2000,
} satisfies Partial<WebhookDispatcherOptions>

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

  constructor(private readonly config: Required<WebhookDispatcherOptions>) {
    this.logger = quietLogger(config.logger)
  }

  start(): void {
    if (this.state !== 'by-hand') return
    this.state = 'started'
    this.pollIn(0)
  }

  wake(): void {
    if (this.state !== 'started' || this.cancelWake !== undefined) return
    this.cancelWake = this.config.schedule(() => {
      this.cancelWake = undefined
      this.bell.ring()
      this.runQuietly()
    }, WAKE_DELAY_MS)
  }

  async runOnce(): Promise<DispatchReport> {
    // A run under way may have looked already: join none.
    while (this.underWay !== undefined) await this.underWay.catch(() => undefined)
    return this.run()
  }

  stop(): Promise<void> {
    this.state = 'stopped'
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
    this.cancelPoll = this.config.schedule(() => this.runQuietly(), delayMs)
  }

  private runQuietly(): void {
    // Its errors go to whoever started it.
    if (this.underWay !== undefined) return
    this.run().catch((error: unknown) => this.logger.error('keyslot: webhook deliveries cannot be read', error))
  }

  private run(): Promise<DispatchReport> {
    this.underWay ??= this.drain().finally(() => {
      this.underWay = undefined
      // Rung when it had just looked for the last time.
      if (this.state === 'started') this.pollIn(this.bell.hasRung ? 0 : this.config.pollMs)
    })
    return this.underWay
  }

  /** Keeps as many attempts under way as may be, until nothing is due and none is left. */
  private async drain(): Promise<DispatchReport> {
    const report = { delivered: 0, failed: 0, dead: 0 }
    const attempts = new Set<Promise<void>>()
    try {
      for (;;) {
        this.bell.listen()
        for (const claimed of await this.claim(this.config.concurrency - attempts.size)) {
          const attempt = this.attempt(claimed, report).finally(() => attempts.delete(attempt))
          attempts.add(attempt)
        }
        if (this.state === 'stopped' || (attempts.size === 0 && !this.bell.hasRung)) break
        // An attempt that ends makes room, and may have held up the next one of its license.
        await Promise.race([...attempts, this.bell.heard()])
      }
    } finally {
      await Promise.all(attempts)
    }
    return report
  }

  /** No more than can be sent at once, so that the lease need only outlast one attempt. */
  private async claim(limit: number): Promise<readonly ClaimedDelivery[]> {
    if (limit === 0 || this.state === 'stopped') return []
    const now = this.config.now()
    return this.config.store.claimDeliveries(now, new Date(now.getTime() + this.config.leaseMs), limit)
  }

  /** Never rejects: what is not settled is sent again when its lease ends. */
  private async attempt(claimed: ClaimedDelivery, report: Record<keyof DispatchReport, number>): Promise<void> {
    const { delivery } = claimed
    try {
      const sent = await this.config.send(claimed, this.cutOff.signal)
      // Cut off by `stop`, after which the storage may be closed.
      if (this.cutOff.signal.aborted) return
      const result = this.judge(delivery.attempts, sent)
      await this.config.store.settleDelivery(delivery.id, delivery.attempts, result)
      report[result.kind]++
      if (result.kind === 'dead') {
        this.logger.warn(`keyslot: gave up on webhook delivery ${delivery.id}: ${result.error}`)
      }
    } catch (error) {
      this.logger.error(`keyslot: webhook delivery ${delivery.id} cannot be settled`, error)
    }
  }

  private judge(attempts: number, sent: SendResult): DeliveryResult {
    if (sent.ok) return { kind: 'delivered' }
    const { error } = sent
    if (attempts >= this.config.maxAttempts) return { kind: 'dead', error }
    const { now, random } = this.config
    return { kind: 'failed', error, retryAt: new Date(now().getTime() + retryDelayMs(attempts, random)) }
  }
}

/** Remembers being rung until somebody listens. */
class Bell {
  hasRung = false
  private answer = () => {}

  ring(): void {
    this.hasRung = true
    this.answer()
  }

  /** From here on, `hasRung` tells of later rings. */
  listen(): void {
    this.hasRung = false
  }

  /** Resolves when it rings, or has rung since `listen`. */
  heard(): Promise<void> {
    if (this.hasRung) return Promise.resolve()
    return new Promise((resolve) => {
      this.answer = resolve
    })
  }
}
