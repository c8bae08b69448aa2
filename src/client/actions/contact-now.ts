import { timeNow } from '../check/time-now'
import type { KitContext } from '../kit-context'
import type { Contact } from '../store/cache-record'

/** The record of a contact that is just over. */
export function contactNow(context: KitContext, code: Contact['code']): Contact {
  // An app's invalid date (NaN) counts as 0.
  return { at: Math.max(0, Math.floor(timeNow(context))) || 0, code }
}
