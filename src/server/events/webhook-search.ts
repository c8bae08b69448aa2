import type { Store } from '../../storage/verbs/store'
import type { Turns } from './webhook-turns'

/** Endpoints that are looked at in one read. */
const STRETCH = 100

/**
 * Finds the endpoints that have something to send, for them to take turns: those of an account that has something new at once,
 * all of them now and then, a stretch at a time.
 */
export class DueSearch {
  private readonly accounts = new Set<string>()
  /** Where the next stretch begins; undefined while none is wanted. */
  private after: string | null | undefined
  private again = false

  constructor(
    private readonly config: { readonly store: Pick<Store, 'findDueEndpoints'>; readonly now: () => Date },
    private readonly turns: Turns,
  ) {}

  /** Looks at all endpoints; where that is under way, once more after it. */
  wantAll(): void {
    if (this.after === undefined) this.after = null
    else this.again = true
  }

  wantAccounts(accountIds: readonly string[]): void {
    for (const accountId of accountIds) this.accounts.add(accountId)
  }

  get isOver(): boolean {
    return this.after === undefined && this.accounts.size === 0
  }

  /** Looks at the accounts that are wanted, and at one stretch of all endpoints. */
  async goOn(): Promise<void> {
    const accounts = [...this.accounts]
    this.accounts.clear()
    await Promise.all([...accounts.map((accountId) => this.look({ accountId })), this.lookAtAll()])
  }

  private async lookAtAll(): Promise<void> {
    if (this.after === undefined) return
    const next = await this.look({ after: this.after })
    if (next !== null) {
      this.after = next
      return
    }
    this.after = this.again ? null : undefined
    this.again = false
    this.turns.forget(this.config.now())
  }

  private async look(among: Parameters<Store['findDueEndpoints']>[1]): Promise<string | null> {
    const now = this.config.now()
    const { endpoints, next } = await this.config.store.findDueEndpoints(now, among, STRETCH)
    for (const endpoint of endpoints) this.turns.add(endpoint, now)
    return next
  }
}
