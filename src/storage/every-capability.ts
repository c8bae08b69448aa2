import type { StorageCapabilities } from './contract'

/** What an adapter that leaves nothing out says of itself. */
export const EVERY_CAPABILITY: StorageCapabilities = {
  events: true,
  idempotency: true,
  sessions: true,
  revocations: true,
  outbox: true,
  allowances: true,
  transfer: true,
}
