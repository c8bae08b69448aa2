import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions } from 'keyslot/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fake, resetElectron } from './fake-electron'
import { openShop, type Shop } from './fake-shop'

vi.mock('electron', async () => (await import('./fake-electron')).electron)

let shop: Shop

beforeEach(async () => {
  resetElectron()
  shop = await openShop()
})

afterEach(() => shop.close())

/** The app, activated with the license. */
async function activated(more: Partial<LicenseKitOptions> = {}): Promise<LicenseKit> {
  const kit = createLicenseKit({ ...shop.options, ...more })
  expect(await kit.activate(shop.key)).toMatchObject({ status: 'valid' })
  return kit
}

describe('Squirrel', () => {
  it.each(['--squirrel-install', '--squirrel-updated', '--squirrel-obsolete'])(
    '%s keeps the license',
    async (event) => {
      const { start } = await import('./main')
      const kit = await activated()
      await start([event, '1.0.1'])
      expect(fake).toMatchObject({ exits: [], quits: 1 })
      expect(await shop.slotsTaken()).toBe(1)
      expect(await kit.check()).toMatchObject({ status: 'valid' })
    },
  )

  it('--squirrel-uninstall gives it back, within the time Squirrel waits', async () => {
    const { start } = await import('./main')
    const kit = await activated()
    const startedAt = performance.now()
    await start(['--squirrel-uninstall', '1.0.1'])
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    expect(fake).toMatchObject({ exits: [0], quits: 0 })
    expect(await shop.slotsTaken()).toBe(0)
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })
})

describe('installer.nsh', () => {
  /** The lines of a macro, each with what has to be true for it to run. */
  async function readMacro(name: string): Promise<string[]> {
    const source = await readFile(new URL('installer.nsh', import.meta.url), 'utf8')
    const text = source.replaceAll(/\$\{(\w+)\}/g, '<$1>')
    const [, body = ''] = new RegExp(`^!macro ${name}\\n(.*?)^!macroend`, 'ms').exec(text) ?? []
    const conditions: string[] = []
    const lines: string[] = []
    for (const line of body.split('\n').map((raw) => raw.trim())) {
      const [, not, condition] = /^<if(Not)?> (.+)$/.exec(line) ?? []
      if (condition !== undefined) conditions.push(not === undefined ? condition : `not ${condition}`)
      else if (line === '<endIf>') conditions.pop()
      else if (line !== '') lines.push([...conditions, line].join(' | '))
    }
    expect(conditions).toEqual([])
    return lines
  }

  it('starts the app to give the license back, for five seconds at most, while it is there, and not on an update', async () => {
    const [start, ...rest] = await readMacro('freeLicenseSlot')
    const app = '"$INSTDIR\\<APP_EXECUTABLE_FILENAME>"'
    const when = `not <isUpdated> | <FileExists> ${app}`
    expect(start).toBe(`${when} | nsExec::Exec /TIMEOUT=5000 '${app} --keyslot-deactivate'`)
    expect(rest).toEqual([`${when} | Pop $0`])
  })

  it('does so before files go, or where a person can no longer cancel', async () => {
    expect(await readMacro('customUnInit')).toEqual(['<Silent> | !insertmacro freeLicenseSlot'])
    expect(await readMacro('customUnInstall')).toEqual(['not <Silent> | !insertmacro freeLicenseSlot'])
  })
})

describe('"Deactivate This Computer…"', () => {
  /** Clicks it, and waits until everything has been said. */
  async function click(kit: LicenseKit, answer: number): Promise<{ deactivated: boolean }> {
    const { createMenu } = await import('./menu')
    fake.answer = answer
    const result = { deactivated: false }
    const onDeactivated = async () => {
      result.deactivated = true
    }
    const [application] = createMenu(kit, onDeactivated).items
    application?.submenu?.find(({ label }) => label?.startsWith('Deactivate'))?.click?.()
    await vi.waitFor(() => expect(fake.said).toHaveLength(answer + 1), { timeout: 5_000 })
    return result
  }

  it('asks first', async () => {
    const kit = await activated()
    expect(await click(kit, 0)).toEqual({ deactivated: false })
    expect(await shop.slotsTaken()).toBe(1)
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })

  it('frees the slot, and says so', async () => {
    const kit = await activated()
    expect(await click(kit, 1)).toEqual({ deactivated: true })
    expect(await shop.slotsTaken()).toBe(0)
    expect(fake.said[1]).toBe('The license is free for another computer.')
  })

  it('says what to do where the server cannot be reached', async () => {
    const kit = await activated({ deactivateTimeoutMs: 300 })
    shop.goOffline()
    await click(kit, 1)
    expect(fake.said[1]).toContain('online, before you delete it')
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })
})

describe('safeStorage', () => {
  it('keeps the license key out of every readable file, and a restart checks offline', async () => {
    const { safeStorageStore: secretStore } = await import('./secret-store')
    await activated({ secretStore })
    shop.goOffline()
    const stored = await readFile(join(shop.home, 'acme-editor/keyslot/license.json'), 'utf8')
    expect(stored).not.toContain(shop.key)
    expect(await createLicenseKit({ ...shop.options, secretStore }).check()).toMatchObject({ status: 'valid' })
  })
})
