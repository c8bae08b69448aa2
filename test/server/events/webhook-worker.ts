/**
 * A process that delivers webhooks from a SQLite file until it is killed. Started by webhook-delivery.test.ts with the
 * file's name.
 */
import { randomBytes } from 'node:crypto'
import { createNameResolver } from '../../../src/server/events/name-resolver'
import { createWebhookDispatcher } from '../../../src/server/events/webhook-dispatcher'
import { createWebhookSender } from '../../../src/server/events/webhook-sender'
import { sqliteStore } from '../../storage/verbs/stores'
import { LOOPBACK } from './deliveries'

const [, , file = ''] = process.argv
const store = sqliteStore({ file })
await store.open()
const now = () => new Date()
createWebhookDispatcher({
  store,
  send: createWebhookSender({
    version: '1.2.3',
    now,
    allowedPrivateHosts: LOOPBACK,
    timeoutMs: 300,
    resolve: createNameResolver().resolve,
  }),
  logger: console,
  now,
  random: randomBytes,
  concurrency: 8,
  leaseMs: 500,
  pollMs: 50,
}).start()
process.send?.('started')
// The dispatcher's own timers keep nothing alive.
setInterval(() => undefined, 1000)
