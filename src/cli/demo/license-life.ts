import { join } from 'node:path'
import { type LicenseCheck, runUninstall } from '../../client/index'
import { paint } from '../output'
import { createLicenseKey, readKeyUse } from './authtool'
import { changeOneCharacter, copyDataDir, readSigningKeyId } from './copied-license'
import { APP_NAME, clockBehind, createDemoApp, rotateKeys, signRequest, withoutNetwork } from './demo-app'
import { expectSame, type Narrator } from './narrator'
import { type ServeLine, type ServerProcess, startServer } from './server-process'

/** As many restarts with a clock set back no license lives through: each costs four hours of a week at most. */
const MOST_RESTARTS = 42

/** The server processes of a demo; all of them end with the demo. */
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
 * Tells the life of a license, from a new store to a freed slot; each step checks its own outcome. The function is long
 * because the story reads from top to bottom.
 */
export async function tellLicenseLife(narrator: Narrator, folder: string, servers: Servers): Promise<void> {
  const storage = `sqlite:${join(folder, 'licenses.db')}`

  const server = await narrator.step('Start a license server, on a new SQLite file', async (tell) => {
    const started = await servers.start(['--port', '0', '--storage', storage])
    tell(`keyslot serve, process ${started.pid}, at ${started.line.url}`)
    return started
  })
  const { line } = server

  const trustedKeys = await narrator.step('Make its next signing key, before the app ships', async (tell) => {
    const keys = await rotateKeys(storage)
    expectSame('the public keys', keys.length, 2)
    tell(
      'keyslot keys rotate: the app ships with both public keys; the server signs with the old one until it restarts',
    )
    return keys
  })
  const app = createDemoApp(line, trustedKeys, folder)
  const { dataDir } = app

  const licenseKey = await narrator.step('Make a license key for one machine, over HTTP', async (tell) => {
    const made = await createLicenseKey(line)
    tell(`POST /public/v1/key/single-activate made ${paint('bold', made)}`)
    return made
  })
  const expectTaken = async (at: ServeLine, expected: number) =>
    expectSame('the slots taken', (await readKeyUse(at, licenseKey)).activateCount, expected)

  const firstKeyId = await narrator.step('Activate it on this machine, as the shipped app does once', async (tell) => {
    const kit = app.start()
    const { hostId, source } = await kit.hostId()
    tell(`this machine is ${paint('bold', hostId)}`)
    tell(`source: ${source}, ${SOURCES[source]}`)
    expectSame('the license', (await kit.activate(licenseKey)).status, 'valid')
    await expectTaken(line, 1)
    tell('it holds the one activation slot now')
    return await readSigningKeyId(dataDir)
  })

  await narrator.step('Stop the server', async (tell) => {
    tell(await stopPolitely(server))
    await expectUnreachable(line)
    tell('nothing answers any more')
  })

  await narrator.step('Check the license offline, as the app does at every start', async (tell) => {
    const check = await app.start().check()
    tell(describe(check))
    expectSame('the license', check.status, 'valid')
    tell(`it works without contact until ${check.tokenExpiresAt?.toISOString().slice(0, 10)}`)
  })

  await narrator.step("Set this machine's clock back by ten days, and again at each restart", async (tell) => {
    let check = await app.start(clockBehind(10)).check()
    tell(describe(check))
    expectSame('the license, for a while', check.status, 'valid')
    for (let restart = 1; restart <= MOST_RESTARTS; restart++) {
      check = await app.start(clockBehind(10 + restart / 100)).check()
    }
    tell(describe(check))
    expectSame('the license', check.status, 'clock-tampered')
    expectSame('the license under the right clock', (await app.start().check()).status, 'valid')
  })

  await narrator.step("Copy the app's data to another machine", async (tell) => {
    const copied = await copyDataDir(dataDir, join(folder, 'copied'))
    const check = await app.start({ dataDir: copied, hostId: 'another-machine' }).check()
    tell(describe(check))
    expectSame('the copied license', check.status, 'wrong-host')
  })

  await narrator.step('Forge the license, by one character', async (tell) => {
    const forged = await copyDataDir(dataDir, join(folder, 'forged'))
    const { from, to } = await changeOneCharacter(forged)
    tell(`"${from}" became "${to}" in the signed text`)
    const check = await app.start({ dataDir: forged }).check()
    tell(describe(check))
    expectSame('the forged license', check.status, 'untrusted')
  })

  await narrator.step('Uninstall the app while nothing answers', async (tell) => {
    const { outcome, exitCode } = await runUninstall({ appName: APP_NAME, dataDir })
    tell(`${paint('bold', outcome)}, exit code ${exitCode}: a ticket is left, and the app holds no license any more`)
    expectSame('the outcome', outcome, 'queued-offline')
    expectSame('the license', (await app.start().check()).status, 'not-activated')
  })

  const again = await narrator.step('Start the server again, on the same file', async (tell) => {
    const started = await servers.start(['--port', new URL(line.url).port, '--storage', storage])
    expectSame('its product', started.line.productId, line.productId)
    await expectTaken(started.line, 1)
    tell('product, license and activation are still there')
    return started
  })

  await narrator.step('Install the app again: its first contact delivers the ticket', async (tell) => {
    await app.start().refresh()
    const { activateCount, activateLimit } = await readKeyUse(again.line, licenseKey)
    tell(`${activateCount} of ${activateLimit} slots taken: another machine may have it`)
    expectSame('the slots taken', activateCount, 0)
    expectSame('the limit', activateLimit, 1)
  })

  await narrator.step('Activate once more: signed with the new key, by an app that needed no update', async (tell) => {
    const check = await app.start().activate(licenseKey)
    tell(describe(check))
    expectSame('the license', check.status, 'valid')
    const keyId = await readSigningKeyId(dataDir)
    expectSame('the key is another', keyId === firstKeyId, false)
    tell(`key ${firstKeyId.slice(0, 8)}… signed the first license, key ${keyId.slice(0, 8)}… this one`)
  })

  await narrator.step('Deactivate this machine, online', async (tell) => {
    const { outcome } = await app.start().deactivate()
    tell(`${paint('bold', outcome)}: the app holds no license any more`)
    expectSame('the outcome', outcome, 'freed')
    expectSame('the license', (await app.start().check()).status, 'not-activated')
    await expectTaken(again.line, 0)
  })

  await narrator.step('License a machine without any network, by files carried to and fro', async (tell) => {
    const isolated = app.start(withoutNetwork(folder))
    const [request, licenseFile] = [join(folder, 'request.json'), join(folder, 'acme.lic')]
    await isolated.createActivationRequest(licenseKey, request)
    tell('the app wrote a request')
    await signRequest(storage, request, licenseFile)
    tell('keyslot sign answered it with a license file')
    const check = await isolated.importLicenseFile(licenseFile)
    tell(`${describe(check)} Until ${check.tokenExpiresAt?.toISOString().slice(0, 10)}, without contact`)
    expectSame('the license', check.status, 'valid')
  })

  await narrator.step('Look at the license key on the server', async (tell) => {
    const { activateCount, activateLimit } = await readKeyUse(again.line, licenseKey)
    tell(`${activateCount} of ${activateLimit} slots taken: by the machine without network`)
    expectSame('the slots taken', activateCount, 1)
    await stopPolitely(again)
  })
}

const SOURCES = {
  option: 'what the app said',
  machine: "a hash of the machine's own id, which never leaves it",
  installation: 'a random id kept in the data folder (inside a container, or without a machine id)',
} as const

async function expectUnreachable({ url }: ServeLine): Promise<void> {
  const answered = await fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  )
  expectSame('the server', answered ? 'up' : 'down', 'down')
}

/** Asks the server to stop, and checks how it ended. Windows cannot ask a process; there the server is killed. */
async function stopPolitely(server: ServerProcess): Promise<string> {
  const end = await server.stop()
  if (process.platform !== 'win32') expectSame('its exit code', end, 0)
  return `it finished its requests, closed the store and ended with ${end}`
}

function describe({ status, message }: LicenseCheck): string {
  return `${paint('bold', status)}: ${message}`
}
