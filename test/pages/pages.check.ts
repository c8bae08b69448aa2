import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions } from 'keyslot/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fake, resetElectron } from '../../examples/electron/fake-electron'
import { openShop, type Shop } from '../../examples/electron/fake-shop'
import { Window } from './window'

const app = vi.hoisted((): { createKit: () => LicenseKit } => ({ createKit: () => expect.fail('no shop is open') }))

vi.mock('electron', async () => (await import('../../examples/electron/fake-electron')).electron)
vi.mock('../../examples/electron/licensing', () => ({ APP_NAME: 'acme-editor', createKit: () => app.createKit() }))

const DAY_MS = 86_400_000
const FIELD = 'textbox: License key'

let unreadable: string
let window: Window
let shop: Shop

beforeAll(async () => {
  unreadable = await readFile(new URL('unreadable.js', import.meta.url), 'utf8')
  await import('../../examples/electron/preload')
  window = await Window.open()
})

afterAll(() => window.close())

beforeEach(async () => {
  resetElectron()
  shop = await openShop()
})

afterEach(async () => {
  await window.leave()
  await shop.close()
  expect(window.faults.splice(0)).toEqual([])
})

/** The app as it starts, so many days after now. */
async function startApp(daysOn = 0, more: Partial<LicenseKitOptions> = {}): Promise<void> {
  const now = () => new Date(Date.now() + daysOn * DAY_MS)
  app.createKit = () => createLicenseKit({ ...shop.options, now, maxTries: 1, tryTimeoutMs: 2_000, ...more })
  window.follow()
  const { start } = await import('../../examples/electron/main')
  await start([])
}

/** This computer, activated. */
async function activate(more: Partial<LicenseKitOptions> = {}): Promise<void> {
  await createLicenseKit({ ...shop.options, ...more }).activate(shop.key)
}

/** A license file for this computer. */
async function licenseFile(): Promise<string> {
  const { productId, hostId } = await createLicenseKit(shop.options).createActivationRequest()
  const file = await shop.licensing.licenses.sign(shop.key, { productId, hostId, ttlSeconds: 86_400 })
  const path = join(shop.home, 'ada.lic')
  await writeFile(path, JSON.stringify(file))
  return path
}

/** Another computer, activated. */
async function activateOther(deviceTag: string): Promise<LicenseKit> {
  const kit = createLicenseKit({ ...shop.options, hostId: deviceTag, dataDir: join(shop.home, deviceTag), maxTries: 1 })
  await kit.activate(shop.key, { deviceTag })
  return kit
}

const shows = (words: RegExp, selector = 'body') =>
  vi.waitFor(async () => expect(await window.text(selector)).toMatch(words), { timeout: 20_000 })

const editorOpens = () =>
  vi.waitFor(async () => expect(await window.focused()).toBe('textbox: Text'), { timeout: 20_000 })

async function enter(licenseKey: string): Promise<void> {
  await window.type(licenseKey)
  await window.press('Enter')
}

/** Goes on by Tab until the keyboard is there. */
async function tabTo(control: string): Promise<void> {
  for (let presses = 0; presses < 20 && (await window.focused()) !== control; presses++) await window.press('Tab')
  expect(await window.focused()).toBe(control)
}

/** All that Tab comes by, from where the keyboard is. */
async function tabStops(): Promise<string[]> {
  const first = await window.focused()
  const stops = [first]
  for (;;) {
    await window.press('Tab')
    const stop = await window.focused()
    // Past the last control, the keyboard is at the page itself.
    if (stop === first || stop.startsWith('none')) return stops
    stops.push(stop)
  }
}

/** Readable in both schemes, wide and narrow; kept as pictures. */
async function isReadable(state: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await window.useScheme(scheme)
    for (const width of [360, 1000]) {
      await window.resize(width, 700)
      expect({ scheme, width, unreadable: await window.read(unreadable) }).toEqual({ scheme, width, unreadable: [] })
    }
    await window.picture(`${state}-${scheme}`)
  }
}

describe('the page that asks for a license key', () => {
  it('not activated: the keyboard is in the field, and goes on in the order of reading', async () => {
    await startApp()
    await shows(/No license is activated on this computer\./)
    expect(await window.focused()).toBe(FIELD)
    await isReadable('not-activated')
    expect(await tabStops()).toEqual([
      FIELD,
      'button: Try it first',
      'button: Activate',
      'button: Save a request…',
      'button: Open a license file…',
    ])
  })

  it('entering: Enter activates, and the editor has the keyboard', async () => {
    await startApp()
    await window.type(shop.key)
    await isReadable('entering')
    await window.press('Enter')
    await editorOpens()
    await window.type('Dear Ada,')
    await isReadable('editor')
    expect(await window.text()).not.toMatch(/license/)
  })

  it('asking: says so, and everything rests', async () => {
    let answer = (_: Response) => {}
    const hanging = new Promise<Response>((resolve) => {
      answer = resolve
    })
    await startApp(0, { fetch: () => hanging })
    await enter(shop.key)
    await shows(/One moment…/, '#answer')
    expect(await window.read(`document.querySelectorAll('fieldset :enabled').length`)).toBe(0)
    await isReadable('asking')
    answer(new Response(null, { status: 503 }))
    await shows(/cannot be reached/, '#answer')
  })

  it('a wrong key: said beside the field, where the keyboard is, and the next one takes its place', async () => {
    await startApp()
    await enter('AAAAA-BBBBB-CCCCC-DDDDD')
    await shows(/not valid for this product\. Please copy it from the mail/, '#answer')
    expect(await window.focused()).toBe(FIELD)
    expect(await window.read(`document.querySelector('#key').ariaInvalid`)).toBe('true')
    await isReadable('wrong-key')
    await enter(shop.key)
    await editorOpens()
  })

  it('offline: says so, and the button for a file is beside the sentence that advises it', async () => {
    fake.chosen = await licenseFile()
    shop.goOffline()
    await startApp()
    await enter(shop.key)
    await shows(/cannot be reached/, '#answer')
    expect(await window.text('.other-way')).toMatch(
      /Save a request and send it to us; we answer with a license file\.\s+Save a request…\s+Open a license file…$/,
    )
    await isReadable('offline')
    await tabTo('button: Open a license file…')
    await window.press('Enter')
    await editorOpens()
  })
})

describe('a license that is in use elsewhere', () => {
  beforeEach(async () => {
    await shop.licensing.products.update(shop.options.productId, { selfService: true })
    await shop.licensing.licenses.update(shop.key, { maxActivations: 3 })
  })

  it('moves here only where a person says so: Enter cancels, as Escape does', async () => {
    const others = await Promise.all(["Ada's laptop", 'Studio', 'Reception desk'].map(activateOther))
    await startApp()
    await enter(shop.key)
    await shows(/already in use on as many computers/, '#answer')
    expect(await window.focused()).toBe(FIELD)
    await isReadable('limit-reached')

    await tabTo("button: Move here from Ada's laptop")
    for (const no of ['Enter', 'Escape'] as const) {
      await window.press('Enter')
      expect(await window.focused()).toBe('button: Cancel')
      expect(await window.text('dialog')).toMatch(/^Move the license here from Ada's laptop\?\s+That computer loses/)
      if (no === 'Enter') await isReadable('move-here')
      await window.press(no)
      expect(await window.focused()).toBe("button: Move here from Ada's laptop")
    }
    for (const other of others) expect(await other.refresh()).toMatchObject({ usable: true })

    await window.press('Enter')
    await window.press('Tab', { shift: true })
    expect(await window.focused()).toBe('button: Move here')
    await window.press('Enter')
    await editorOpens()
    expect(await others[0]?.refresh()).toMatchObject({ status: 'revoked' })
  })

  it('where the vendor moves it: says how to give it back', async () => {
    await shop.licensing.products.update(shop.options.productId, { selfService: false })
    await Promise.all(['One', 'Two', 'Three'].map(activateOther))
    await startApp()
    await enter(shop.key)
    await shows(/"Deactivate This Computer…"/, '#answer')
    await isReadable('limit-reached-no-list')
  })
})

describe('in another language', () => {
  /** Words that are long, and those that a vendor's translation of the pages may have. */
  const GERMAN: Readonly<Record<string, string>> = {
    h1: 'Dokumentenverwaltungssoftware freischalten',
    '#why': 'Die Lizenz wurde zu lange nicht online bestätigt. Bitte stellen Sie eine Internetverbindung her.',
    '#check-again': 'Lizenzgültigkeit erneut überprüfen',
    label: 'Softwarenutzungslizenzschlüssel',
    '#answer': 'Die Höchstanzahl gleichzeitiger Gerätefreischaltungen ist überschritten.',
    '#try': 'Unverbindlich und kostenlos ausprobieren',
    '.primary': 'Arbeitsplatz jetzt freischalten',
    '.other-way p': 'Ein Rechner ohne Netzwerkverbindung kann mit einer Lizenzdatei freigeschaltet werden.',
    '#save-request': 'Lizenzanforderungsdatei speichern …',
    '#open-file': 'Lizenzberechtigungsdatei auswählen …',
  }

  it('long words, long names of computers: everything fits 360 pixels', async () => {
    await shop.licensing.products.update(shop.options.productId, { selfService: true })
    await activateOther('DESKTOP-RECHTSSCHUTZVERSICHERUNGSGESELLSCHAFTEN-MITARBEITERIN-07')
    await startApp()
    await enter(shop.key)
    await shows(/already in use/, '#answer')
    for (const [selector, words] of Object.entries(GERMAN)) {
      await window.read(`document.querySelector('${selector}').textContent = ${JSON.stringify(words)}`)
    }
    await window.read(`document.querySelector('#check-again').hidden = false`)
    await isReadable('german')
    await window.resize(360, 700)
    await window.picture('german-narrow-dark')
  })
})

describe('a license that is over', () => {
  it('expired: renewed, "Check again" opens the editor', async () => {
    await shop.licensing.licenses.update(shop.key, { expiresAt: new Date(Date.now() + DAY_MS) })
    await activate()
    shop.wait(2 * DAY_MS)
    await startApp(2)
    await shows(/The license has expired\. Once it is renewed, choose "Check again"/, '#why')
    await isReadable('expired')
    await tabTo('button: Check again')
    await window.press('Enter')
    await shows(/Checked just now/, '#answer')
    expect(await window.focused()).toBe('button: Check again')
    await shop.licensing.licenses.update(shop.key, { expiresAt: null })
    await window.press('Enter')
    await editorOpens()
  })

  it('too long offline', async () => {
    await activate()
    shop.goOffline()
    await startApp(22)
    await shows(/Please connect to the internet\.\s+Check again/, '#state')
    await isReadable('too-long-offline')
  })

  it('of another computer', async () => {
    await activate({ hostId: 'an-older-computer' })
    shop.goOffline()
    await startApp()
    await shows(/belongs to another computer\. Please activate on this one\./, '#why')
    await isReadable('wrong-host')
  })

  it('the clock is behind', async () => {
    // No server has told the time, which the file is of.
    await createLicenseKit(shop.options).importLicenseFile(await licenseFile())
    shop.goOffline()
    await startApp(-365)
    await shows(/clock of this computer is behind the time.*Please check date and time, .*\s+Check again/, '#state')
    await isReadable('clock-tampered')
  })

  it('blocked by the vendor', async () => {
    await activate()
    await shop.licensing.licenses.block(shop.key)
    shop.wait(10 * DAY_MS)
    await startApp(22)
    await shows(/Please write to us, or enter another license key\./, '#why')
    await isReadable('revoked')
  })
})

describe('the editor', () => {
  it('in grace: a line with the day it ends, and no time', async () => {
    await activate()
    shop.goOffline()
    await startApp(16)
    await shows(/Without it, the app works until [^:]*20\d\d\.\s+Check again$/, '#state')
    expect(await window.focused()).toBe('textbox: Text')
    await isReadable('grace')
  })

  it('on trial: a line with the day it ends, and the way to a license key and back', async () => {
    await shop.licensing.products.update(shop.options.productId, { trialSeconds: 14 * 86_400 })
    await startApp()
    await tabTo('button: Try it first')
    await window.press('Enter')
    await shows(/This is a trial until [^:]*20\d\d\./, '#state')
    await isReadable('trial')
    await window.press('Tab', { shift: true })
    expect(await window.focused()).toBe('button: Enter a license key…')
    await window.press('Enter')
    await vi.waitFor(async () => expect(await window.focused()).toBe(FIELD), { timeout: 20_000 })
    expect(await window.text()).not.toMatch(/Try it first/)
    await window.press('Tab', { shift: true })
    expect(await window.focused()).toBe('button: Back to the editor')
    await window.press('Enter')
    await editorOpens()
  })

  it('ends while somebody writes: nothing written is lost, nor when the license is good again', async () => {
    await activate()
    await startApp()
    await window.type('Dear Ada,')
    await shop.licensing.licenses.block(shop.key)
    await app.createKit().refresh()
    for (const wake of fake.onResume) wake()
    await shows(/Please write to us/, '#why')
    await isReadable('ended-while-writing')
    await window.type(' and more')
    await shop.licensing.licenses.unblock(shop.key)
    await tabTo('button: Check again')
    await window.press('Enter')
    await vi.waitFor(async () => expect(await window.read(`document.querySelector('#state').hidden`)).toBe(true), {
      timeout: 20_000,
    })
    expect(await window.read(`document.querySelector('textarea').value`)).toBe('Dear Ada,')
  })
})

describe('the checks themselves', () => {
  it.each([
    ['text in a light grey', `document.body.style.setProperty('--quiet', '#9a9aa2')`],
    ['a faint edge', `document.body.style.setProperty('--line', '#dcdce2')`],
    [
      'text that is cut off',
      `Object.assign(document.querySelector('.primary').style, { width: '3rem', whiteSpace: 'nowrap' })`,
    ],
  ])('find %s', async (_name, careless) => {
    await startApp()
    await window.useScheme('light')
    expect(await window.read(unreadable)).toEqual([])
    await window.read(careless)
    expect(await window.read(unreadable)).not.toEqual([])
  })

  it('the policy of the pages refuses styles and scripts of others', async () => {
    await startApp()
    const late = `document.body.insertAdjacentHTML('beforeend', '<b style="color: #ff0000" onclick="go()">late</b>')`
    await window.read(late)
    expect(await window.read(`getComputedStyle(document.querySelector('b')).color`)).not.toBe('rgb(255, 0, 0)')
    expect(window.faults.splice(0).join()).toMatch(/Content Security Policy/)
  })
})
