import type { AuditEvent, EventType } from '../../domain/event'

/** What KeyMint calls otherwise. */
const TYPES: Readonly<Partial<Record<EventType, string>>> = {
  'license.activated': 'device.activated',
  'license.deactivated': 'device.deactivated',
}

/** Where an event names what it is about, by the first word of its type. */
const ID_FIELDS: Readonly<Partial<Record<string, string>>> = {
  device: 'hostId',
  customer: 'customerId',
  product: 'productId',
  'product-version': 'versionId',
  webhook: 'webhookId',
  'access-token': 'tokenId',
}

/** The JSON text of an event as KeyMint's receivers expect it. What names nothing of its own, such as all devices, is about the license. */
export function renderKeymintEvent({ id, type, at, licenseId, data }: AuditEvent): string {
  const named = TYPES[type] ?? type
  const [kind = ''] = named.split('.')
  const own = data[ID_FIELDS[kind] ?? '']
  return JSON.stringify({
    id,
    type: named,
    resource_type: own === undefined ? 'license' : kind.replaceAll('-', '_'),
    resource_id: own ?? licenseId,
    created_at: at,
    data: { ...data, ...(licenseId !== null && { licenseId }) },
  })
}
