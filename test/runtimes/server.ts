/** The server half in the runtime itself: an app's Express, a license server in it, and a kit that asks it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createLicenseKit } from 'keyslot/client'
import type { AppSetup } from './app'
import { startVendor } from './vendor'

async function main(file: string): Promise<void> {
  const { options, report }: AppSetup = JSON.parse(readFileSync(file, 'utf8'))
  const vendor = await startVendor()
  const kit = createLicenseKit({ ...options, ...vendor.options })
  const key = await vendor.createKey()
  const said = [(await kit.activate(key)).status, (await kit.refresh()).status, String(await vendor.taken(key))]
  said.push((await kit.deactivate()).outcome, String(await vendor.taken(key)))
  await vendor.close()
  writeFileSync(report, JSON.stringify({ said, warnings: [] }))
}

void main(process.argv[2] ?? '')
