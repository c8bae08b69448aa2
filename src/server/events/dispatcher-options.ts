import type { RandomBytes } from '../../domain/random'
import type { Store } from '../../storage/verbs/store'
import type { Logger } from '../options'
import { DEFAULT_MAX_ATTEMPTS } from './retry-delay'
import { ATTEMPT_TIMEOUT_MS, type SendWebhook } from './webhook-sender'

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

export const DEFAULTS = {
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
