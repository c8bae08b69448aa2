import type { EventType } from '../../domain/event'
import type { WebhookEndpoint } from '../../domain/webhook'
import type { WebhookEnvelope } from '../../protocol/enumerations'
import type { WebhookChanges } from '../../server/index'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { readStore, withStore } from '../open-store'
import type { Change } from '../option-values'
import { paint, print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell, formatFields } from '../table'

export interface WebhookOptions extends StoreOptions {
  readonly allowPrivateWebhook?: readonly string[]
}

export interface CreateWebhookOptions extends WebhookOptions {
  /** Default: all. */
  readonly events?: readonly string[]
  readonly envelope?: WebhookEnvelope
}

export function createWebhook(url: string, options: CreateWebhookOptions): Promise<void> {
  const { events, envelope } = options
  const input = { url, ...(events && { eventTypes: eventTypesIn(events) }), ...(envelope && { envelope }) }
  return withStore(options, async ({ licensing }) => showWithSecret(await licensing.webhooks.create(input), options), {
    allowedPrivateHosts: options.allowPrivateWebhook ?? [],
  })
}

export function listWebhooks(options: ListOptions): Promise<void> {
  return readStore(options, async ({ licensing }) => {
    const page = await licensing.webhooks.list(pageOf(options))
    printPage(page, options, { headings: ['ID', 'STATUS', 'URL', 'EVENTS', 'MADE'], row: toRow }, toJson)
  })
}

export interface UpdateWebhookOptions extends WebhookOptions {
  readonly url?: string
  /** Null for all. */
  readonly events?: Change<readonly string[]>
  readonly envelope?: WebhookEnvelope
  readonly activate?: true
  readonly deactivate?: true
}

export function updateWebhook(webhookId: string, options: UpdateWebhookOptions): Promise<void> {
  const changes = changesIn(options)
  return withStore(
    options,
    async ({ licensing }) => show(await licensing.webhooks.update(webhookId, changes), options),
    {
      allowedPrivateHosts: options.allowPrivateWebhook ?? [],
    },
  )
}

export function rotateWebhookSecret(webhookId: string, options: WebhookOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    showWithSecret(await licensing.webhooks.rotateSecret(webhookId), options)
    if (!options.json) print('The one before goes on signing beside it for 24 hours.')
  })
}

export function deleteWebhook(webhookId: string, options: WebhookOptions & { readonly yes?: true }): Promise<void> {
  if (!options.yes) {
    throw new UsageError('this deletes the webhook with all its deliveries for good; add --yes if it is meant')
  }
  return withStore(options, async ({ licensing }) => {
    await licensing.webhooks.delete(webhookId)
    if (options.json) printJson({ id: webhookId, deleted: true })
    else print(`${cell(webhookId)} is deleted.`)
  })
}

function changesIn(options: UpdateWebhookOptions): WebhookChanges {
  const { url, events, envelope, activate, deactivate } = options
  if (activate && deactivate) throw new UsageError('--activate and --deactivate exclude each other')
  const changes = {
    ...(url !== undefined && { url }),
    ...(events && { eventTypes: events.to && eventTypesIn(events.to) }),
    ...(envelope && { envelope }),
    ...((activate || deactivate) && { active: activate === true }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('nothing to change was given; see --help')
  return changes
}

/** The event types of an option; the service refuses a type that does not exist. */
function eventTypesIn(events: readonly string[]): readonly EventType[] {
  if (events.length === 0) throw new UsageError('--events names none; leave it out, or say all')
  return events as readonly EventType[]
}

function show(endpoint: WebhookEndpoint, { json }: WebhookOptions): void {
  if (json) printJson(toJson(endpoint))
  else print(formatFields(fieldsOf(endpoint)))
}

/** Shows a webhook with its secret, which was made just now. */
function showWithSecret(endpoint: WebhookEndpoint, { json }: WebhookOptions): void {
  const secret = endpoint.secrets[0]?.secret ?? ''
  if (json) {
    printJson({ ...toJson(endpoint), secret })
  } else {
    print(formatFields([...fieldsOf(endpoint), ['Secret', paint('bold', secret)]]))
    print('\nThe secret is shown this once; its receiver gives it to verifyWebhook.')
  }
}

function fieldsOf(endpoint: WebhookEndpoint): readonly (readonly [string, string])[] {
  return [
    ['Webhook', endpoint.id],
    ['URL', cell(endpoint.url)],
    ['Status', statusOf(endpoint)],
    ...(endpoint.disabledReason === null ? [] : [['Disabled', cell(endpoint.disabledReason)] as const]),
    ...(endpoint.failingSince === null ? [] : [['Failing', `since ${cell(endpoint.failingSince)}`] as const]),
    ['Events', eventsOf(endpoint)],
    ['Envelope', endpoint.envelope],
    ['Made', cell(endpoint.createdAt)],
  ]
}

function toRow(endpoint: WebhookEndpoint): readonly string[] {
  const { id, url, createdAt } = endpoint
  return [id, statusOf(endpoint), cell(url), eventsOf(endpoint), cell(createdAt)]
}

/** A webhook without its secrets, which stay in the store. */
function toJson({ accountId: _, secrets: __, ...endpoint }: WebhookEndpoint) {
  return endpoint
}

function eventsOf({ eventTypes }: WebhookEndpoint): string {
  return eventTypes === null ? 'all' : cell(eventTypes.join(', '))
}

function statusOf({ active, failingSince, disabledReason }: WebhookEndpoint): string {
  if (!active) return disabledReason === null ? 'inactive' : 'disabled'
  return failingSince === null ? 'active' : 'failing'
}
