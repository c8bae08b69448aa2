import { setMaxListeners } from 'node:events'
import type { RandomBytes } from '../../domain/random'
import type { ClaimedDelivery, Store } from '../../storage/verbs/store'
import type { Logger } from '../options'
import { Bell } from './bell'
import { quietLogger } from './quiet-logger'
import { DEFAULT_MAX_ATTEMPTS } from './retry-delay'
import { judge, planDisabling } from './webhook-attempt'
import { DueSearch } from './webhook-search'
import { ATTEMPT_TIMEOUT_MS, type SendWebhook } from './webhook-sender'
import { type Turn, Turns } from './webhook-turns'

/** Calls back after a while; what it returns cancels that. Its timers must not keep the process alive. */
export type Schedule = (callback: () => void, delayMs: number) => () => void

export interface WebhookDispatcherOptions {
  readonly store: Pick<Store, 'findDueEndpoints' | 'claimDeliveries' | 'settleDelivery'>
  readonly send: SendWebhook
  readonly logger: Logger
  readonly now: () => Date
  readonly random: RandomBytes
  /** Default unreferenced timers of Node's. */
  readonly schedule?: Schedule
  /** How many attempts may be under way at once, in this process. Default 40; see `Turns` for how they are shared. */
  readonly concurrency?: number
  /** After how many attempts a delivery is dead. Default 28, which takes two days. */
  readonly maxAttempts?: number
  /** An endpoint whose attempts do nothing but fail is disabled after so long. Default never. */
  readonly disableAfterMs?: number
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

const DEFAULTS = {
  schedule: (callback: () => void, delayMs: number) => {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
  concurrency: 40,
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  disableAfterMs: Number.POSITIVE_INFINITY,
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
  private readonly turns: Turns
  private readonly search: DueSearch

  constructor(private readonly config: Required<WebhookDispatcherOptions>) {
    this.logger = quietLogger(config.logger)
    this.turns = new Turns(config.concurrency)
    this.search = new DueSearch(config, this.turns)
    // Each attempt under way listens.
    setMaxListeners(0, this.cutOff.signal)
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
    this.underWay ??= this.drain().finally(() => {
      this.underWay = undefined
      if (this.state !== 'started') return
      this.pollIn(this.config.pollMs)
      // Rung when it had just looked for the last time.
      if (this.bell.hasRung) this.look()
    })
    if (this.state === 'started') this.pollIn(this.config.pollMs)
    return this.underWay
  }

  /** Keeps as many attempts under way as may be, until nothing is due and none is left. */
  private async drain(): Promise<DispatchReport> {
    const report = { delivered: 0, failed: 0, dead: 0 }
    const attempts = new Set<Promise<void>>()
    const begin = (claimed: ClaimedDelivery) => {
      const attempt = this.attempt(claimed, report).finally(() => attempts.delete(attempt))
      attempts.add(attempt)
    }
    try {
      while (this.state !== 'stopped') {
        this.bell.listen()
        await this.search.goOn()
        await this.claim(begin)
        if (!this.search.isOver) continue
        if (attempts.size === 0 && !this.bell.hasRung) break
        // An attempt that ends makes room, and may have held up the next one of its license.
        await Promise.race([...attempts, this.bell.heard()])
      }
    } finally {
      await Promise.all(attempts)
    }
    return report
  }

  /** Takes no more than can be sent at once, so that the lease need only outlast one attempt. */
  private async claim(begin: (claimed: ClaimedDelivery) => void): Promise<void> {
    if (this.state === 'stopped') return
    const turns = this.turns.take(this.config.now())
    const claims = await Promise.allSettled(turns.map((turn) => this.claimFor(turn, begin)))
    const failed = claims.find((claim) => claim.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  private async claimFor(turn: Turn, begin: (claimed: ClaimedDelivery) => void): Promise<void> {
    const { store, now, leaseMs } = this.config
    let claimed: readonly ClaimedDelivery[] = []
    try {
      const leaseEndsAt = new Date(now().getTime() + leaseMs)
      claimed = await store.claimDeliveries(turn.endpoint.id, now(), leaseEndsAt, turn.limit)
    } finally {
      this.turns.taken(turn, claimed.length, now())
    }
    for (const one of claimed) begin(one)
  }

  /** Never rejects: what is not settled is sent again when its lease ends. */
  private async attempt(claimed: ClaimedDelivery, report: Record<keyof DispatchReport, number>): Promise<void> {
    const { delivery, endpoint } = claimed
    const { config, logger } = this
    let how: 'delivered' | 'failed' | 'unknown' = 'unknown'
    try {
      const sent = await config.send(claimed, this.cutOff.signal)
      // Cut off by `stop`, after which the storage may be closed.
      if (this.cutOff.signal.aborted) return
      how = sent.ok ? 'delivered' : 'failed'
      const result = judge(delivery.attempts, sent, config)
      const disabling = planDisabling(endpoint, sent, config)
      const { kind } = await config.store.settleDelivery(delivery.id, delivery.attempts, result, disabling)
      report[result.kind]++
      if (kind === 'disabled') {
        logger.warn(`keyslot: webhook ${endpoint.id} is disabled: it has failed for days`)
        // Others are told of it.
        this.search.wantAccounts([endpoint.accountId])
      }
      if (result.kind === 'dead') logger.warn(`keyslot: gave up on webhook delivery ${delivery.id}: ${result.error}`)
    } catch (error) {
      logger.error(`keyslot: webhook delivery ${delivery.id} cannot be settled`, error)
    } finally {
      this.turns.ended(endpoint, how, config.now())
    }
  }
}
