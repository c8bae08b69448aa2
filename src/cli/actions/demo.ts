import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServers, type Servers, tellLicenseLife } from '../demo/license-life'
import { createNarrator, type Narrator } from '../demo/narrator'
import { paint, print, printJson } from '../output'

export interface DemoOptions {
  readonly json?: true
}

/** Shows the whole life of a license on this machine; throws at the first step that goes wrong. */
export async function demo({ json }: DemoOptions): Promise<void> {
  const startedAt = performance.now()
  const narrator = createNarrator(json === true)
  let ok = false
  try {
    await inTemporaryFolder((folder, servers) => tellLicenseLife(narrator, folder, servers))
    ok = true
  } finally {
    if (json) printJson({ ok, steps: narrator.reports })
  }
  if (!json) printSummary(narrator, performance.now() - startedAt)
}

function printSummary({ reports }: Narrator, elapsedMs: number): void {
  const seconds = (elapsedMs / 1000).toFixed(1)
  print(
    `\n${paint('green', `All ${reports.length} steps as they should be`)}, in ${seconds} s; nothing is left on this machine. ` +
      `Try ${paint('bold', 'keyslot serve')} next, then ${paint('bold', 'keyslot license create --max-activations 3')}.`,
  )
}

/** Works in a temporary folder. No server process and no file stays behind, not even after Ctrl+C. */
async function inTemporaryFolder(work: (folder: string, servers: Servers) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-demo-'))
  const servers = createServers()
  const cleanUp = async () => {
    servers.killAll()
    await rm(folder, { recursive: true, force: true })
  }
  const onInterrupt = () => void cleanUp().finally(() => process.exit(130))
  process.once('SIGINT', onInterrupt)
  try {
    await work(folder, servers)
  } finally {
    process.off('SIGINT', onInterrupt)
    await cleanUp()
  }
}
