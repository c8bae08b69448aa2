import type { ServeLine } from '../cli/keyslot-process'

export interface WireAnswer {
  readonly status: number
  readonly body: unknown
}

/** Sends a request for the server's product, with its secret token. */
export async function post(
  { url, productId, secretToken }: ServeLine,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<WireAnswer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secretToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId, ...body }),
  })
  return { status: response.status, body: await response.json() }
}

/** Makes a license key; without a limit it serves any number of hosts. */
export async function createKey(line: ServeLine, maxActivations?: number): Promise<string> {
  const { body } = await post(line, '/key', { maxActivations, expiryDate: null })
  return (body as { key: string }).key
}

export interface KeyUse {
  /** The counter. */
  readonly activations: number
  /** The rows it counts. */
  readonly hostIds: readonly string[]
}

/** How a license key is used, as its vendor sees it. */
export async function readKeyUse(line: ServeLine, licenseKey: string): Promise<KeyUse> {
  const { status, body } = await post(line, '/get-key', { licenseKey })
  if (status !== 200) throw new Error(`get-key answered ${status}: ${JSON.stringify(body)}`)
  const { license } = (body as { data: { license: { activations: number; devices: { host_id: string }[] } } }).data
  return { activations: license.activations, hostIds: license.devices.map(({ host_id }) => host_id) }
}

/** How many answers there were of each status. */
export function countStatuses(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
