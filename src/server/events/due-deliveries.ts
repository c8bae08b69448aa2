import type { ClaimedDelivery } from '../../storage/verbs/store'
import type { Bell } from './bell'
import type { DispatchReport, WebhookDispatcherOptions } from './dispatcher-options'
import { judge, planDisabling } from './webhook-attempt'
import type { DueSearch } from './webhook-search'
import type { Turn, Turns } from './webhook-turns'

interface Parts {
  readonly turns: Turns
  readonly search: DueSearch
  /** Rung where there is something new to look at. */
  readonly bell: Bell
  /** Ends attempts under way. */
  readonly cutOff: AbortSignal
}

/** Takes what is due, whoever's turn it is, and sends it. */
export class DueDeliveries {
  private isStopped = false

  constructor(
    private readonly config: Required<WebhookDispatcherOptions>,
    private readonly parts: Parts,
  ) {}

  /** Takes no more. */
  stop(): void {
    this.isStopped = true
  }

  /** Keeps as many attempts under way as may be, until nothing is due and none is left. */
  async send(): Promise<DispatchReport> {
    const report = { delivered: 0, failed: 0, dead: 0 }
    const attempts = new Set<Promise<void>>()
    const begin = (claimed: ClaimedDelivery) => {
      const attempt = this.attempt(claimed, report).finally(() => attempts.delete(attempt))
      attempts.add(attempt)
    }
    try {
      while (!this.isStopped) {
        this.parts.bell.listen()
        await this.parts.search.goOn()
        await this.claim(begin)
        if (!this.parts.search.isOver) continue
        if (attempts.size === 0 && !this.parts.bell.hasRung) break
        // An attempt that ends makes room, and may have held up the next one of its license.
        await Promise.race([...attempts, this.parts.bell.heard()])
      }
    } finally {
      await Promise.all(attempts)
    }
    return report
  }

  /** Takes no more than can be sent at once, so that the lease need only outlast one attempt. */
  private async claim(begin: (claimed: ClaimedDelivery) => void): Promise<void> {
    if (this.isStopped) return
    const turns = this.parts.turns.take(this.config.now())
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
      this.parts.turns.taken(turn, claimed.length, now())
    }
    for (const one of claimed) begin(one)
  }

  /** Never rejects: what is not settled is sent again when its lease ends. */
  private async attempt(claimed: ClaimedDelivery, report: Record<keyof DispatchReport, number>): Promise<void> {
    const { delivery, endpoint } = claimed
    const { config } = this
    const { logger } = config
    let how: 'delivered' | 'failed' | 'unknown' = 'unknown'
    try {
      const sent = await config.send(claimed, this.parts.cutOff)
      // Cut off by `stop`, after which the storage may be closed.
      if (this.parts.cutOff.aborted) return
      how = sent.ok ? 'delivered' : 'failed'
      const result = judge(delivery.attempts, sent, config)
      const disabling = planDisabling(endpoint, sent, config)
      const { kind } = await config.store.settleDelivery(delivery.id, delivery.attempts, result, disabling)
      report[result.kind]++
      if (kind === 'disabled') {
        logger.warn(`keyslot: webhook ${endpoint.id} is disabled: it has failed for days`)
        // Others are told of it.
        this.parts.search.wantAccounts([endpoint.accountId])
      }
      if (result.kind === 'dead') logger.warn(`keyslot: gave up on webhook delivery ${delivery.id}: ${result.error}`)
    } catch (error) {
      logger.error(`keyslot: webhook delivery ${delivery.id} cannot be settled`, error)
    } finally {
      this.parts.turns.ended(endpoint, how, config.now())
    }
  }
}
