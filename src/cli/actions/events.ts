import type { AuditEvent } from '../../domain/event'
import type { ListOptions } from '../commands/store-options'
import { readStore } from '../open-store'
import { pageOf, printPage } from '../paging'
import { cell } from '../table'

export interface ListEventsOptions extends ListOptions {
  /** A license key. */
  readonly license?: string
}

export function listEvents(options: ListEventsOptions): Promise<void> {
  const { license: licenseKey } = options
  return readStore(options, async ({ licensing }) => {
    const filter = licenseKey === undefined ? {} : { licenseId: (await licensing.licenses.get(licenseKey)).license.id }
    const page = await licensing.events.list(filter, pageOf(options))
    printPage(page, options, { headings: ['AT', 'EVENT', 'BY', 'ADDRESS', 'LICENSE', 'DATA'], row: toRow }, toJson)
  })
}

function toRow({ at, type, actor, licenseId, data }: AuditEvent): readonly string[] {
  const shown = Object.keys(data).length === 0 ? '-' : cell(JSON.stringify(data))
  return [cell(at), type, cell(actor.id), cell(actor.address), cell(licenseId), shown]
}

function toJson({ accountId: _, ...event }: AuditEvent) {
  return event
}
