// Longer than other files: one page, told in every state that a person can meet.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ActivateOptions, createLicenseKit, type LicenseKit } from 'keyslot/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { electron, fake, resetElectron } from './fake-electron'
import { openPage, type Page } from './fake-page'
import { openShop, type Shop } from './fake-shop'

const app = vi.hoisted((): { createKit: () => LicenseKit } => ({ createKit: () => expect.fail('no shop is open') }))

vi.mock('electron', async () => (await import('./fake-electron')).electron)
vi.mock('./licensing', () => ({ APP_NAME: 'acme-editor', createKit: () => app.createKit() }))

/** On a busy machine, too. */
const eventually = (assertion: () => unknown) => vi.waitFor(assertion, { timeout: 10_000 })

const DAY_MS = 24 * 60 * 60 * 1000

let shop: Shop
/** How far this computer's clock is ahead of the time the test began. */
let aheadMs = 0

beforeEach(async () => {
  resetElectron()
  shop = await openShop()
  aheadMs = 0
  const now = () => new Date(Date.now() + aheadMs)
  app.createKit = () => createLicenseKit({ ...shop.options, now, maxTries: 1, tryTimeoutMs: 2_000 })
})

afterEach(async () => {
  await shop.close()
})

/** Starts the app with its preload script; returns the page it shows, once its first words are there. */
async function startApp(): Promise<Page> {
  await import('./preload')
  const { start } = await import('./main')
  await start([])
  return await openPage(fake.pages.at(-1) ?? '')
}

/** Why a page is shown, or what came of what was asked for there. */
const said = (page: Page, selector: '#why' | '#answer' | '#question' = '#answer') => page.element(selector).textContent

async function enter(page: Page, licenseKey: string): Promise<string> {
  page.type(licenseKey)
  const answered = page.element('form').dispatch()
  expect(page.element('fieldset').disabled).toBe(true)
  await answered
  expect(page.element('fieldset').disabled).toBe(false)
  return said(page)
}

/** Enters the right key. */
async function enterGood(page: Page, licenseKey = shop.key): Promise<void> {
  expect(await enter(page, licenseKey)).toBe('')
  expect(said(page, '#why')).toBe('The license is valid.')
  expect(fake.pages.at(-1)).toBe('editor.html')
}

/** Another computer with the app, activated. */
async function otherComputer(hostId: string, options: ActivateOptions = {}): Promise<LicenseKit> {
  const kit = createLicenseKit({ ...shop.options, hostId, dataDir: join(shop.home, hostId), maxTries: 1 })
  await kit.activate(shop.key, options)
  return kit
}

/** The app with its editor open, licensed. */
async function startLicensed(): Promise<Page> {
  await app.createKit().activate(shop.key)
  const editor = await startApp()
  expect(fake.pages).toEqual(['editor.html'])
  await eventually(() => expect(said(editor, '#why')).toBe('The license is valid.'))
  expect(editor.element('#state').hidden).toBe(true)
  return editor
}

describe('entering a license key', () => {
  it('says why it is asked for, takes it, and goes on to the editor', async () => {
    const page = await startApp()
    expect(fake.pages).toEqual(['enter-license-key.html'])
    await eventually(() => expect(said(page, '#why')).toBe('No license is activated on this computer.'))
    await enterGood(page, ` ${shop.key.toLowerCase()} `)
    expect(fake.pages).toEqual(['enter-license-key.html', 'editor.html'])
    expect(await shop.slotsTaken()).toBe(1)
  })

  it('says of a wrong key that it is wrong, and where the right one is', async () => {
    const page = await startApp()
    expect(await enter(page, 'AAAAA-BBBBB-CCCCC-DDDDD')).toBe(
      'The license key is not valid for this product. Please copy it from the mail you got with your order.',
    )
    expect(await enter(page, '')).toContain('Please copy it from the mail')
    expect(fake.pages).toEqual(['enter-license-key.html'])
  })

  it('explains the limit, and takes the key once the other computer has given it back', async () => {
    const other = await otherComputer('another')
    const page = await startApp()
    const explained = await enter(page, shop.key)
    expect(explained).toMatch(/^The license is already in use on as many computers as it allows\. On a computer/)
    expect(explained).toContain('"Deactivate This Computer…"')
    // This vendor lets nobody move a license by themselves.
    expect(page.element('#devices').children).toEqual([])
    expect(fake.pages).toEqual(['enter-license-key.html'])

    await other.deactivate()
    await enterGood(page)
    expect(fake.pages.at(-1)).toBe('editor.html')
  })

  it('offline: says so, and takes a file from the vendor', async () => {
    const { productId, hostId } = await app.createKit().createActivationRequest()
    const file = await shop.licensing.licenses.sign(shop.key, { productId, hostId, ttlSeconds: 86_400 })
    fake.chosen = join(shop.home, 'ada.lic')
    await writeFile(fake.chosen, JSON.stringify(file))
    shop.goOffline()
    const page = await startApp()
    expect(await enter(page, shop.key)).toMatch(/cannot be reached/)
    await page.element('#open-file').dispatch()
    expect(said(page, '#why')).toBe('The license is valid.')
    expect(fake.pages.at(-1)).toBe('editor.html')
  })

  it('never online: saves a request, which the vendor answers with a file', async () => {
    shop.goOffline()
    const page = await startApp()
    await page.element('#save-request').dispatch()
    expect(said(page)).toBe('')
    fake.chosen = join(shop.home, 'license-request.json')
    page.type(shop.key)
    await page.element('#save-request').dispatch()
    expect(said(page)).toMatch(/^The request is saved\. Please send us the file/)
    const { licenseKey = '', productId, hostId } = JSON.parse(await readFile(fake.chosen, 'utf8'))
    const file = await shop.licensing.licenses.sign(licenseKey, { productId, hostId, ttlSeconds: 86_400 })
    fake.chosen = join(shop.home, 'ada.lic')
    await writeFile(fake.chosen, JSON.stringify(file))
    await page.element('#open-file').dispatch()
    expect(fake.pages.at(-1)).toBe('editor.html')
  })

  it('a file that is no license file is an error, and none is no change', async () => {
    const page = await startApp()
    await eventually(() => expect(said(page, '#why')).not.toBe(''))
    await page.element('#open-file').dispatch()
    expect(said(page)).toBe('')
    expect(said(page, '#why')).toBe('No license is activated on this computer.')
    fake.chosen = join(shop.home, 'letter.lic')
    await writeFile(fake.chosen, 'Dear Ada')
    await page.element('#open-file').dispatch()
    expect(said(page)).toMatch(/no license file.*Please open the file that we made for this computer\.$/)
    expect(fake.pages).toEqual(['enter-license-key.html'])
  })

  it('a fault of the app is no silence', async () => {
    const page = await startApp()
    fake.handlers.set('license:activate', () => Promise.reject(new TypeError('a bug')))
    expect(await enter(page, shop.key)).toContain('Something went wrong')
  })
})

describe('a license that is in use elsewhere, where people may move it', () => {
  beforeEach(async () => {
    await shop.licensing.products.update(shop.options.productId, { selfService: true })
  })

  /** What is listed, an entry a line, and its first button, which asks before it moves. */
  function listOf(page: Page) {
    const items = page.element('#devices').children.map(({ children }) => children)
    const lines = items.map(([words]) => words?.children.map(({ textContent }) => textContent).join(', '))
    const choose = async () => await items[0]?.[1]?.dispatch()
    const move = async () => {
      await choose()
      await page.element('#move').dispatch()
    }
    return { lines, choose, move }
  }

  it('is listed by name and date, moves here at a click, and the other computer has lost it', async () => {
    await shop.licensing.licenses.update(shop.key, { maxActivations: 2 })
    const studio = await otherComputer('host-studio')
    const laptop = await otherComputer('host-laptop', { deviceTag: "Ada's laptop" })
    const page = await startApp()
    expect(await enter(page, shop.key)).toMatch(/as many computers as it allows\. Choose which one makes room\./)
    const today = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date())
    const { lines, choose, move } = listOf(page)
    expect([...lines].sort()).toEqual([`Ada's laptop, last seen ${today}`, `Unnamed device, last seen ${today}`])

    await choose()
    expect(page.element('dialog').open).toBe(true)
    expect(said(page, '#question')).toBe(`Move the license here from ${lines[0]?.split(',')[0]}?`)
    expect(await shop.slotsTaken()).toBe(2)
    expect(await Promise.all([laptop.refresh(), studio.refresh()])).toMatchObject(Array(2).fill({ usable: true }))
    expect(fake.pages).toEqual(['enter-license-key.html'])

    // What stands in the form by now is not what the list is of.
    page.type('AAAAA-BBBBB-CCCCC-DDDDD')
    await move()
    expect(fake.pages.at(-1)).toBe('editor.html')
    expect(said(page, '#why')).toBe('The license is valid.')
    const [loser, keeper] = lines[0]?.startsWith('Ada') ? [laptop, studio] : [studio, laptop]
    expect(await loser.refresh()).toMatchObject({ status: 'revoked', reason: 'ACTIVATION_REVOKED' })
    expect(await keeper.refresh()).toMatchObject({ status: 'valid' })
    expect(await shop.slotsTaken()).toBe(2)
  })

  it('a computer that has given it back in the meantime has no place to give, and says how to go on', async () => {
    const other = await otherComputer('another')
    const page = await startApp()
    await enter(page, shop.key)
    await other.deactivate()
    await listOf(page).move()
    expect(said(page)).toMatch(/not in use on that device\. .*choose "Activate" once more/)
    expect(listOf(page).lines).toEqual([])
    await enterGood(page)
  })

  it.each([
    [429, { 'retry-after': '7000' }, /^Too many attempts.* You can try again in 117 minutes\.$/],
    [429, { 'retry-after': '7200' }, /^Too many attempts.* You can try again in 2 hours\.$/],
    [503, {}, /^The license is already in use .*"Deactivate This Computer…"/],
  ])('where the list does not come, %i %j, the answer is words all the same', async (status, headers, words) => {
    await otherComputer('another')
    const answer = () => Response.json({ message: 'no', code: 3 }, { status, headers: new Headers(headers) })
    const fetchOrRefuse = async (url: string, init?: RequestInit) =>
      url.endsWith('/key/devices') ? answer() : await fetch(url, init)
    app.createKit = () => createLicenseKit({ ...shop.options, fetch: fetchOrRefuse, maxTries: 1 })
    const page = await startApp()
    expect(await enter(page, shop.key)).toMatch(words)
    expect(listOf(page).lines).toEqual([])
  })

  it('moved too often: says from when on it can be moved again', async () => {
    let holder = await otherComputer('host-0')
    for (let moves = 1; moves <= 5; moves++) {
      const [held] = (await holder.devices()).devices
      holder = await otherComputer(`host-${moves}`, { replaceDevice: held?.device })
    }
    const page = await startApp()
    await enter(page, shop.key)
    await listOf(page).move()
    expect(said(page)).toBe('Too many attempts. Please try again later. You can try again in 30 days.')
    expect(fake.pages).toEqual(['enter-license-key.html'])
    expect(await holder.refresh()).toMatchObject({ status: 'valid' })
  })
})

describe('"Try it first"', () => {
  const offerTrials = () => shop.licensing.products.update(shop.options.productId, { trialSeconds: 14 * 86_400 })
  const tryFirst = (page: Page) => page.element('#try').dispatch()

  it('where there is no trial: says so, once', async () => {
    const page = await startApp()
    expect(page.element('#try').hidden).toBe(false)
    await tryFirst(page)
    expect(said(page)).toMatch(/^There is no trial of this product\. Please enter the license key/)
    expect(page.element('#try').hidden).toBe(true)
    await enterGood(page)
  })

  it('opens the editor, which says until when, and takes a license key at any time', async () => {
    await offerTrials()
    await tryFirst(await startApp())
    expect(fake.pages.at(-1)).toBe('editor.html')
    const editor = await openPage('editor.html')
    await eventually(() => expect(said(editor, '#why')).toMatch(/This is a trial until [^:]*20\d\d[^:]*\.$/))
    expect(editor.element('#state').hidden).toBe(false)
    expect(editor.element('textarea').readOnly).toBe(false)

    await editor.element('#enter-key').dispatch()
    const page = await openPage(fake.pages.at(-1) ?? '')
    await eventually(() => expect(page.element('#check-again').textContent).toBe('Back to the editor'))
    await enterGood(page)
    expect(await app.createKit().check()).toMatchObject({
      license: { maskedKey: expect.stringContaining(shop.key.slice(-4)) },
    })
  })

  it('once for a computer: reinstalled, it goes on to the same end, and then is over', async () => {
    await offerTrials()
    await tryFirst(await startApp())
    const { expiresAt } = await app.createKit().check()
    await rm(shop.home, { recursive: true })
    resetElectron()
    const page = await startApp()
    await tryFirst(page)
    expect(await app.createKit().check()).toMatchObject({ status: 'valid', expiresAt })

    await rm(shop.home, { recursive: true })
    shop.wait(15 * DAY_MS)
    await tryFirst(page)
    expect(said(page)).toBe('The trial on this computer is over. Please enter a license key to go on.')
    expect(await app.createKit().check()).toMatchObject({ usable: false })
  })

  it('does not take the place of a license', async () => {
    await offerTrials()
    await startLicensed()
    const licensed = await app.createKit().check()
    expect(await electron.ipcRenderer.invoke('license:start-trial')).toMatchObject({ status: 'valid', trial: null })
    expect((await app.createKit().check()).license).toEqual(licensed.license)
  })
})

describe('while the app runs', () => {
  /** The computer wakes up, that much later. */
  async function wakeAfter(days: number): Promise<void> {
    aheadMs = days * DAY_MS
    expect(fake.onResume).toHaveLength(1)
    for (const resume of fake.onResume) resume()
  }

  it('a license blocked by the vendor is told to the page, which loses no work', async () => {
    const editor = await startLicensed()
    await shop.licensing.licenses.block(shop.key)
    await wakeAfter(10)
    await eventually(() => expect(editor.element('#state').hidden).toBe(false))
    expect(said(editor, '#why')).toBe(
      'The license is no longer valid. Please write to us, or enter another license key.',
    )
    expect(editor.element('textarea').readOnly).toBe(true)
    expect(fake.pages).toEqual(['editor.html'])

    expect(editor.element('#enter-key').hidden).toBe(false)
    await editor.element('#enter-key').dispatch()
    expect(fake.pages.at(-1)).toBe('enter-license-key.html')
    const page = await openPage('enter-license-key.html')
    await eventually(() =>
      expect(said(page, '#why')).toBe(
        'The license is no longer valid. Please write to us, or enter another license key.',
      ),
    )
    expect(await enter(page, shop.key)).toBe('The license has been blocked by the vendor.')
  })

  it('"Check again" mends it in place once the vendor has', async () => {
    const editor = await startLicensed()
    await shop.licensing.licenses.block(shop.key)
    await app.createKit().refresh()
    await wakeAfter(0)
    await eventually(() => expect(editor.element('#state').hidden).toBe(false))
    await editor.element('#check-again').dispatch()
    expect(said(editor, '#why')).toMatch(/blocked|no longer valid/)
    await shop.licensing.licenses.unblock(shop.key)
    await editor.element('#check-again').dispatch()
    expect(editor.element('#state').hidden).toBe(true)
    expect(editor.element('textarea').readOnly).toBe(false)
    expect(fake.pages).toEqual(['editor.html'])
  })

  it('nothing is said while nothing changes; then grace is a warning, once, with its end', async () => {
    const editor = await startLicensed()
    const told = vi.fn()
    fake.pageListeners.get('license:changed')?.add((_event, view) => told(view))
    for (const days of [0, 1, 2]) await wakeAfter(days)

    shop.goOffline()
    for (const days of [16, 17]) await wakeAfter(days)
    await eventually(() => expect(editor.element('#state').hidden).toBe(false))
    expect(said(editor, '#why')).toMatch(
      /could not be confirmed online lately.* Without it, the app works until [^:]*20\d\d[^:]*\.$/,
    )
    expect(editor.element('textarea').readOnly).toBe(false)
    expect(editor.element('#enter-key').hidden).toBe(true)
    expect(told).toHaveBeenCalledTimes(1)
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ status: 'grace', usable: true }))
  })

  it('"Deactivate This Computer…" leads back to the page that asks for a key', async () => {
    await startLicensed()
    fake.answer = 1
    const items = fake.menus.flatMap((menu) => menu.items).flatMap(({ submenu = [] }) => submenu)
    items.find(({ label }) => label?.startsWith('Deactivate'))?.click?.()
    await eventually(() => expect(fake.said).toHaveLength(2))
    expect(fake.pages).toEqual(['editor.html', 'enter-license-key.html'])
    expect(await shop.slotsTaken()).toBe(0)
    const page = await openPage('enter-license-key.html')
    await eventually(() => expect(said(page, '#why')).toBe('No license is activated on this computer.'))
  })
})

describe('what stands between a page and the main process', () => {
  it('is a world of its own, a sandbox, and nine functions that hand over no secret', async () => {
    await startLicensed()
    expect(fake.windowOptions).toEqual([
      expect.objectContaining({
        webPreferences: expect.objectContaining({ contextIsolation: true, sandbox: true, nodeIntegration: false }),
      }),
    ])
    const bridge = fake.exposed.get('license') ?? {}
    expect(Object.entries(bridge).map(([name, value]) => [name, typeof value])).toEqual([
      ['view', 'function'],
      ['activate', 'function'],
      ['moveHere', 'function'],
      ['saveRequest', 'function'],
      ['openFile', 'function'],
      ['startTrial', 'function'],
      ['checkAgain', 'function'],
      ['enterKey', 'function'],
      ['onChange', 'function'],
    ])
    const view = await electron.ipcRenderer.invoke('license:view')
    expect(Object.keys(Object(view)).sort()).toEqual([
      'advice',
      'checkAgain',
      'devices',
      'message',
      'status',
      'trial',
      'usable',
      'wrongKey',
    ])
    expect(JSON.stringify(view)).not.toContain(shop.key.slice(-4))
  })

  it.each([
    ['license:activate', [7]],
    ['license:activate', []],
    ['license:move-here', ['AAAAA-BBBBB-CCCCC-DDDDD', { device: 'act_1' }]],
    ['license:move-here', [['AAAAA-BBBBB-CCCCC-DDDDD'], 'act_1']],
  ])('%s takes text only, not %j', async (channel, sent) => {
    await startApp()
    await expect(electron.ipcRenderer.invoke(channel, ...sent)).rejects.toThrow(TypeError)
  })

  it('tells a listener the view and nothing of Electron, until it stops listening', async () => {
    await startApp()
    const { onChange } = fake.exposed.get('license') as { onChange(listener: () => void): () => void }
    const heard = vi.fn()
    const stop = onChange(heard)
    await electron.ipcRenderer.invoke('license:activate', shop.key)
    await eventually(() => expect(heard.mock.calls).toEqual([[expect.objectContaining({ status: 'valid' })]]))
    stop()
    await shop.licensing.licenses.block(shop.key)
    aheadMs = 10 * DAY_MS
    for (const resume of fake.onResume) resume()
    await eventually(async () => {
      expect(await electron.ipcRenderer.invoke('license:view')).toMatchObject({ status: 'revoked' })
    })
    expect(heard).toHaveBeenCalledTimes(1)
  })
})
