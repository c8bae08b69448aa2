import type { KitContext } from '../kit-context'
import type { Contact } from '../store/cache-record'

/** The record of a contact that is just over. */
export function contactNow({ now }: Pick<KitContext['config'], 'now'>, code: Contact['code']): Contact {
  // An app's invalid date (NaN) counts as 0.
  return { at: Math.max(0, Math.floor(now().getTime() / 1000)) || 0, code }
}
