import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deriveHostId } from '../../src/client/host/host-id'
import type { Scene } from '../runtimes/life'
import type { Windows } from './wine'

const APP_NAME = 'shipped-app'
/** Less than the shortest patience of the kit, which is for four pauses of 10 ms or more when it reads, and for nine when it writes. */
const [MOMENT_MS, MOMENT_OF_WRITING_MS] = [30, 80] as const
const FOR_GOOD_MS = 3_600_000

/** What only Windows does to an app. */
export function windowsParts(windows: Windows, doctor: string): Record<string, (scene: Scene) => Promise<void>> {
  return {
    'keeps the license in %LOCALAPPDATA%, and is uninstalled from there': async ({ app, vendor }) => {
      const licenseKey = await vendor.createKey()
      const options = { dataDir: undefined }
      const [user = ''] = (await readdir(join(windows.disk, 'users'))).filter((name) => name !== 'Public')
      const folder = join('AppData', 'Local', APP_NAME, 'keyslot')
      const expected = `C:\\users\\${user}\\${folder.replaceAll('/', '\\')}`
      await app.expect(['activate', 'folder'], `valid, ${expected}`, { licenseKey, options })
      const file = join(windows.disk, 'users', user, folder, 'license.json')
      assert.ok(existsSync(file))
      const examined = await windows.node([doctor, 'doctor', '--app-name', APP_NAME, '--json'])
      const { healthy, problems, license, server } = JSON.parse(examined)
      assert.deepEqual({ healthy, problems }, { healthy: true, problems: [] })
      assert.deepEqual([license.status, server.health], ['valid', 'ok'])
      await app.expect(['uninstall'], 'freed', { options })
      assert.equal(existsSync(file), false)
    },

    'knows the machine by its registry, whatever windir, ComSpec and PATH say': async ({ app, scratch }) => {
      const options = { hostId: undefined }
      const hostId = deriveHostId(await windows.machineId(), APP_NAME)
      const words = `${hostId} machine false `
      await app.expect(['host'], words, { options })
      const elsewhere = join(scratch, 'elsewhere')
      await mkdir(join(elsewhere, 'System32'), { recursive: true })
      for (const name of ['REG.exe', 'cmd.exe']) await writeFile(join(elsewhere, 'System32', name), 'not a program')
      const folder = windows.pathOf(elsewhere)
      const ownEnv = { windir: folder, SystemRoot: folder, ComSpec: `${folder}\\System32\\cmd.exe`, PATH: folder }
      const fresh = { ...options, dataDir: windows.pathOf(join(scratch, 'fresh')) }
      await app.expect(['host'], words, { options: fresh, ownEnv })
    },

    'is another host where the machine id is another': async ({ app, vendor, scratch }) => {
      const licenseKey = await vendor.createKey()
      const options = { hostId: undefined }
      const own = await windows.machineId()
      await app.expect(['activate', 'host'], `valid, ${deriveHostId(own, APP_NAME)} machine false `, {
        licenseKey,
        options,
      })
      const other = 'b8d0a3c2-5e8f-4a57-9f0b-2d6c1e7a4f93'
      await windows.setMachineId(other)
      try {
        const fresh = { ...options, dataDir: windows.pathOf(join(scratch, 'fresh')) }
        await app.expect(['host'], `${deriveHostId(other, APP_NAME)} machine false `, { options: fresh })
        await app.expect(['activate'], 'ACTIVATION_LIMIT_REACHED', { licenseKey, options: fresh })
      } finally {
        await windows.setMachineId(own)
      }
      await app.expect(['check', 'deactivate'], 'valid, freed', { options })
    },

    'waits for who holds the license for a moment, and forgets nothing where somebody keeps it': async ({
      app,
      vendor,
      dataDir,
    }) => {
      const licenseKey = await vendor.createKey()
      const file = windows.pathOf(join(dataDir, 'license.json'))
      const shortly = { hold: file, forMs: MOMENT_MS } as const
      const whileWriting = { hold: file, forMs: MOMENT_OF_WRITING_MS, from: 'answer' } as const
      await app.expect(['activate'], 'valid', { licenseKey })
      await app.expect([{ ...shortly, from: 'now' }, 'check'], 'EBUSY, valid')
      await app.expect([{ hold: file, forMs: FOR_GOOD_MS, from: 'now' }, 'check'], 'EBUSY, not-activated')
      const kept = join(dataDir, 'license.json')
      const before = await readFile(kept, 'utf8')
      await app.expect(['check', whileWriting, 'refresh'], 'valid, later, valid')
      assert.notEqual(await readFile(kept, 'utf8'), before, 'the renewed license is on the disk')
      await app.expect(['check', whileWriting, 'deactivate'], 'valid, later, freed')
      await app.expect(['check'], 'not-activated')
      assert.equal(await vendor.taken(licenseKey), 0)
    },
  }
}
