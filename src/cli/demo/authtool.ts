import type { ServeLine } from './server-process'

/** The requests of a shop, over AuthTool's routes and with a secret token. */

/** Makes a license key that is good for one host and one year. */
export async function createLicenseKey({ url, packageId, secretToken }: ServeLine): Promise<string> {
  const response = await fetch(`${url}/public/v1/key/single-activate`, {
    method: 'POST',
    headers: { 'X-API-Key': secretToken, 'Content-Type': 'application/json' },
    body: JSON.stringify({ quantity: 1, packageIds: [packageId], duration: 1, unit: 'year', alias: 'demo' }),
  })
  const { data } = (await readAnswer(response, 201)) as { data: readonly string[] }
  const [licenseKey] = data
  if (licenseKey === undefined) throw new Error('the server made no license key')
  return licenseKey
}

export interface KeyUse {
  readonly activateCount: number
  readonly activateLimit: number | null
}

/** How many activation slots of a license key are taken. */
export async function readKeyUse({ url, secretToken }: ServeLine, licenseKey: string): Promise<KeyUse> {
  const path = `/public/v1/key/${encodeURIComponent(licenseKey)}/detail`
  const response = await fetch(url + path, { headers: { 'X-API-Key': secretToken } })
  return ((await readAnswer(response, 200)) as { key: KeyUse }).key
}

async function readAnswer(response: Response, expected: number): Promise<unknown> {
  const body: unknown = await response.json()
  if (response.status === expected) return body
  throw new Error(`the server answered ${response.status}, not ${expected}: ${JSON.stringify(body)}`)
}
