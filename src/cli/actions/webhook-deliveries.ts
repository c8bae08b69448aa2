import type { WebhookDelivery } from '../../domain/webhook'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { readStore, withStore } from '../open-store'
import { print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell } from '../table'

export interface ListDeliveriesOptions extends ListOptions {
  readonly webhook?: string
  readonly status?: WebhookDelivery['status']
}

export function listDeliveries(options: ListDeliveriesOptions): Promise<void> {
  const { webhook, status } = options
  return readStore(options, async ({ licensing }) => {
    const filter = { ...(webhook !== undefined && { webhookId: webhook }), ...(status !== undefined && { status }) }
    const page = await licensing.webhooks.deliveries(filter, pageOf(options))
    const headings = ['DELIVERY', 'EVENT', 'AT', 'STATUS', 'ATTEMPTS', 'NEXT', 'ERROR']
    printPage(page, options, { headings, row: toRow }, toJson)
  })
}

export function redeliver(deliveryId: string, options: StoreOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    await licensing.webhooks.redeliver(deliveryId).catch((error: unknown) => {
      throw isLicenseError(error, 'WEBHOOK_NOT_FOUND') ? deliveryMissing() : error
    })
    if (options.json) printJson({ id: deliveryId, queued: true })
    else
      print(
        `${cell(deliveryId)} is due now: a running server sends it within seconds, keyslot webhook deliver at once.`,
      )
  })
}

export interface DeliverOptions extends StoreOptions {
  readonly allowPrivateWebhook?: readonly string[]
}

/** Delivers once what is due. A failed delivery is no failure of the command: a later run tries it again. */
export function deliver(options: DeliverOptions): Promise<void> {
  return withStore(
    options,
    async ({ licensing }) => {
      const report = await licensing.runWebhooks()
      if (options.json) return printJson(report)
      const { delivered, failed, dead } = report
      print(`${delivered} delivered, ${failed} to be tried again, ${dead} given up.`)
    },
    { allowedPrivateHosts: options.allowPrivateWebhook ?? [] },
  )
}

function toRow(delivery: WebhookDelivery): readonly string[] {
  return [
    cell(delivery.id),
    delivery.event.type,
    cell(delivery.event.at),
    delivery.status,
    String(delivery.attempts),
    delivery.status === 'pending' ? cell(delivery.nextAttemptAt) : '-',
    cell(delivery.lastError),
  ]
}

function toJson({ accountId: _, endpointId, ...delivery }: WebhookDelivery) {
  return { ...delivery, webhookId: endpointId }
}

function deliveryMissing(): LicenseError {
  return new LicenseError(
    'WEBHOOK_NOT_FOUND',
    'There is no such delivery; keyslot webhook deliveries shows those there are, with their ids',
  )
}
