import { join } from 'node:path'
import { createLicenseKit, type LicenseCheck, type LicenseKit, type PublicJwk } from '../../client/index'
import { paint } from '../output'
import { createLicenseKey, readKeyUse } from './authtool'
import { changeOneCharacter, copyDataDir } from './copied-license'
import { expectSame, type Narrator } from './narrator'
import { type ServeLine, type ServerProcess, startServer } from './server-process'

const APP_NAME = 'keyslot-demo'

/** The server processes of a demo, so that none outlives it. */
export interface Servers {
  start(args: readonly string[]): Promise<ServerProcess>
  killAll(): void
}

export function createServers(): Servers {
  const started: ServerProcess[] = []
  return {
    async start(args) {
      const server = await startServer(args)
      started.push(server)
      return server
    },
    killAll() {
      for (const server of started) server.kill()
    },
  }
}

/**
 * From a new store to a freed slot, on this machine; each step checks its own outcome. One long function, since it is
 * a story, to be read from top to bottom.
 */
export async function tellLicenseLife(narrator: Narrator, folder: string, servers: Servers): Promise<void> {
  const storage = `sqlite:${join(folder, 'licenses.db')}`
  const dataDir = join(folder, 'app-data')

  const server = await narrator.step('Start a license server, on a new SQLite file', async (tell) => {
    const started = await servers.start(['--port', '0', '--storage', storage])
    tell(`keyslot serve, process ${started.pid}, at ${started.line.url}`)
    return started
  })
  const { line } = server

  const licenseKey = await narrator.step('Make a license key for one machine, over HTTP', async (tell) => {
    const made = await createLicenseKey(line)
    tell(`POST /public/v1/key/single-activate made ${paint('bold', made)}`)
    return made
  })

  const trustedKeys = await fetchTrustedKeys(line)
  const kitOn = (dir: string, hostId?: string) => createKit(line, trustedKeys, dir, hostId)
  const kit = kitOn(dataDir)

  await narrator.step('Activate it on this machine, as the shipped app does once', async (tell) => {
    const { hostId, source } = await kit.hostId()
    tell(`this machine is ${paint('bold', hostId)}`)
    tell(`source: ${source}, ${SOURCES[source]}`)
    expectSame('the license', (await kit.activate(licenseKey)).status, 'valid')
    expectSame('the slots taken', (await readKeyUse(line, licenseKey)).activateCount, 1)
    tell('it holds the one activation slot now')
  })

  await narrator.step('Stop the server', async (tell) => {
    tell(await stopPolitely(server))
    await expectUnreachable(line)
    tell('nothing answers any more')
  })

  await narrator.step('Check the license offline, as the app does at every start', async (tell) => {
    const check = await kitOn(dataDir).check()
    tell(describe(check))
    expectSame('the license', check.status, 'valid')
    tell(`it works without contact until ${check.tokenExpiresAt?.toISOString().slice(0, 10)}`)
  })

  await narrator.step("Copy the app's data to another machine", async (tell) => {
    const check = await kitOn(await copyDataDir(dataDir, join(folder, 'copied')), 'another-machine').check()
    tell(describe(check))
    expectSame('the copied license', check.status, 'wrong-host')
  })

  await narrator.step('Forge the license, by one character', async (tell) => {
    const forged = await copyDataDir(dataDir, join(folder, 'forged'))
    const { from, to } = await changeOneCharacter(forged)
    tell(`"${from}" became "${to}" in the signed text`)
    const check = await kitOn(forged).check()
    tell(describe(check))
    expectSame('the forged license', check.status, 'untrusted')
  })

  const again = await narrator.step('Start the server again, on the same file', async (tell) => {
    const started = await servers.start(['--port', new URL(line.url).port, '--storage', storage])
    expectSame('its product', started.line.productId, line.productId)
    expectSame('the slots taken', (await readKeyUse(started.line, licenseKey)).activateCount, 1)
    tell('product, license and activation are still there')
    return started
  })

  await narrator.step('Deactivate this machine, as the uninstaller does', async (tell) => {
    const { outcome } = await kit.deactivate()
    tell(`${paint('bold', outcome)}: the app holds no license any more`)
    expectSame('the outcome', outcome, 'freed')
    expectSame('the license', (await kit.check()).status, 'not-activated')
  })

  await narrator.step('Look at the license key on the server', async (tell) => {
    const { activateCount, activateLimit } = await readKeyUse(again.line, licenseKey)
    tell(`${activateCount} of ${activateLimit} slots taken: another machine may have it`)
    expectSame('the slots taken', activateCount, 0)
    expectSame('the limit', activateLimit, 1)
    await stopPolitely(again)
  })
}

const SOURCES = {
  option: 'what the app said',
  machine: "a hash of the machine's own id, which never leaves it",
  installation: 'a random id kept in the data folder (inside a container, or without a machine id)',
} as const

function createKit(line: ServeLine, trustedKeys: readonly PublicJwk[], dataDir: string, hostId?: string): LicenseKit {
  const { url, productId, publishableToken } = line
  return createLicenseKit({
    serverUrl: url,
    productId,
    accessToken: publishableToken,
    trustedKeys,
    appName: APP_NAME,
    dataDir,
    hostId,
  })
}

/** A real app has them built in (`keyslot keys show`), and never takes them from the network. */
async function fetchTrustedKeys({ jwks }: ServeLine): Promise<readonly PublicJwk[]> {
  return ((await (await fetch(jwks)).json()) as { keys: readonly PublicJwk[] }).keys
}

async function expectUnreachable({ url }: ServeLine): Promise<void> {
  const answered = await fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  )
  expectSame('the server', answered ? 'up' : 'down', 'down')
}

/** Windows cannot ask a process to stop: there it is ended. */
async function stopPolitely(server: ServerProcess): Promise<string> {
  const end = await server.stop()
  if (process.platform !== 'win32') expectSame('its exit code', end, 0)
  return `it finished its requests, closed the store and ended with ${end}`
}

function describe({ status, message }: LicenseCheck): string {
  return `${paint('bold', status)}: ${message}`
}
