import { EVENT_TYPES } from '../../domain/event'
import { DELIVERY_STATUSES, WEBHOOK_ENVELOPES } from '../../protocol/enumerations'
import { type Command, Option } from '../commander'
import { changeTo, hosts, list } from '../option-values'
import { PRIVATE_WEBHOOK, withListOptions, withStoreOptions } from './store-options'

const TYPES = EVENT_TYPES.map((type, index) => (index % 4 === 0 ? '\n  ' : ' ') + type).join(',')

const CREATE = `
The secret is shown here, once; its receiver proves with verifyWebhook() of keyslot/server, or any library of Standard Webhooks, that an event comes from here.
Events are sent at least once, in order per license, by keyslot serve or keyslot webhook deliver. An answer other than
2xx within 5 seconds is a failure, and tried again for two days. A webhook that only fails for 5 days is disabled, which
event webhook.disabled tells your other webhooks. An account has 50 webhooks at most.

Event types:${TYPES}

Examples:
  $ keyslot webhook create https://shop.example/hooks
  $ keyslot webhook create https://shop.example/hooks --events license.activated,license.deactivated
  $ keyslot webhook create http://hooks.internal/in --allow-private-webhook hooks.internal      start serve with it, too`

const UPDATE = `
Terms that are not given stay. Deliveries of an inactive webhook wait until it is active again. One that was disabled because
it failed for 5 days, as its status in keyslot webhook list says, is enabled again with --activate.

Examples:
  $ keyslot webhook update wh_… --events all
  $ keyslot webhook update wh_… --deactivate`

const DELIVERIES = `
Delivered ones are kept for 7 days.

Example:
  $ keyslot webhook deliveries --status dead`

const REDELIVER = `
Sends an event again, also one that was delivered.

Example:
  $ keyslot webhook redeliver evt_….wh_…`

const DELIVER = `
Delivers until nothing more is due, then ends: for cron, where no keyslot serve runs. A later run tries a failed delivery
again, when it is due, and what is left of a webhook that keeps failing. Servers and other runs may deliver from the same store at the same time.

Example:
  $ keyslot webhook deliver --storage sqlite:/var/lib/keyslot/licenses.db`

const WEBHOOK = ['<webhook-id>', 'its id, as keyslot webhook list shows it'] as const
const ALLOW_PRIVATE = ['--allow-private-webhook <host>', PRIVATE_WEBHOOK, hosts] as const

function envelopeOption() {
  return new Option('--envelope <form>', 'how events are wrapped: keyslot, or keymint for its receivers').choices(
    WEBHOOK_ENVELOPES,
  )
}

export function addWebhook(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('create, list, update and delete webhooks, rotate secrets; deliver, redeliver, see deliveries')
  withStoreOptions(webhook.command('create'))
    .description('have events sent to a URL; shows the secret that signs them, once')
    .argument('<url>', 'where to send them; https:')
    .option('--events <list>', 'the types to send, comma-separated; default all', list)
    .addOption(envelopeOption())
    .option(...ALLOW_PRIVATE)
    .addHelpText('after', CREATE)
    .action(async (url, options) => (await import('../actions/webhook')).createWebhook(url, options))
  withListOptions(webhook.command('list'))
    .description('list webhooks, oldest first; never their secrets')
    .action(async (options) => (await import('../actions/webhook')).listWebhooks(options))
  withStoreOptions(webhook.command('update'))
    .description('change a webhook')
    .argument(...WEBHOOK)
    .option('--url <url>', 'where to send events; https:')
    .option('--events <list>', 'the types to send, comma-separated, or all', changeTo('all', list))
    .addOption(envelopeOption())
    .option('--activate', 'send its events again, those that waited first')
    .option('--deactivate', 'send nothing')
    .option(...ALLOW_PRIVATE)
    .addHelpText('after', UPDATE)
    .action(async (id, options) => (await import('../actions/webhook')).updateWebhook(id, options))
  withStoreOptions(webhook.command('rotate-secret'))
    .description('give a webhook a new secret and show it, once; the old one signs beside it for 24 hours')
    .argument(...WEBHOOK)
    .action(async (id, options) => (await import('../actions/webhook')).rotateWebhookSecret(id, options))
  withStoreOptions(webhook.command('delete'))
    .description('delete a webhook with its deliveries')
    .argument(...WEBHOOK)
    .option('--yes', 'needed: nothing brings it back')
    .action(async (id, options) => (await import('../actions/webhook')).deleteWebhook(id, options))
  addDeliveries(webhook)
}

function addDeliveries(webhook: Command): void {
  withListOptions(webhook.command('deliveries'))
    .description('list what was sent, or is to be: newest event first')
    .option('--webhook <webhook-id>', 'only those of a webhook')
    .addOption(new Option('--status <status>', 'only those').choices(DELIVERY_STATUSES))
    .addHelpText('after', DELIVERIES)
    .action(async (options) => (await import('../actions/webhook-deliveries')).listDeliveries(options))
  withStoreOptions(webhook.command('redeliver'))
    .description('have an event sent again')
    .argument('<delivery-id>', 'its id, as keyslot webhook deliveries shows it')
    .addHelpText('after', REDELIVER)
    .action(async (id, options) => (await import('../actions/webhook-deliveries')).redeliver(id, options))
  withStoreOptions(webhook.command('deliver'))
    .description('send what is due now')
    .option(...ALLOW_PRIVATE)
    .addHelpText('after', DELIVER)
    .action(async (options) => (await import('../actions/webhook-deliveries')).deliver(options))
}
