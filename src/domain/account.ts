import type { Plan } from '../protocol/enumerations'

/** A vendor: the tenant everything else belongs to. */
export interface Account {
  readonly id: string
  readonly name: string
  /** Plan `pro` may choose the alias that leads an AuthTool key. */
  readonly plan: Plan
  readonly createdAt: Date
}

/** The account that exists from the start. Its id is fixed, so that instances starting together agree on it. */
export const DEFAULT_ACCOUNT_ID = 'acct_default0000000000000'
