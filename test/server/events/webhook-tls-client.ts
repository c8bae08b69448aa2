/** Sends one webhook to each URL it is given, all of which lead to loopback, and prints the results as JSON. */
import { createWebhookSender } from '../../../src/server/events/webhook-sender'
import { parseAllowedPrivateHosts } from '../../../src/server/events/webhook-url'
import { claimedDelivery } from './deliveries'

const [, , ...urls] = process.argv
const send = createWebhookSender({
  version: '1.2.3',
  now: () => new Date(),
  allowedPrivateHosts: parseAllowedPrivateHosts(urls.map((url) => new URL(url).hostname)),
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
})
console.log(JSON.stringify(await Promise.all(urls.map((url) => send(claimedDelivery(url))))))
