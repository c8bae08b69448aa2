import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pastedKeys } from '../../../src/protocol/license-key-text'
import { expectRefusal, importLicense, makeAuthtoolKey, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'
import { sendAsApp } from './host-key'

let fixture: Fixture
let key: string

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  // With a zero and a one, which the keys that are made by default have not.
  key = await makeKey(fixture, {
    format: { prefix: 'ED', sections: 4, sectionLength: 6, charset: '0123456789ABCDEFGHJK' },
  })
})
afterAll(() => fixture.close())

const asApp = (path: string, licenseKey: string, fields: object = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host', ...fields }))
const spoken = (text: string) => text.replaceAll('0', 'O').replaceAll('1', 'i')

/** What people paste, by what is wrong with it. */
const PASTED: readonly [string, (key: string) => string][] = [
  ['zero-width characters', (text) => `\u200b${text.replace('-', '\u200d-\u00ad')}\ufeff`],
  ['typographic dashes', (text) => text.replaceAll('-', '\u2013')],
  ['dashes that do not break', (text) => text.replaceAll('-', '\u2011')],
  ['full-width letters', (text) => text.replaceAll('A', '\uff21')],
  ['a line break in it', (text) => text.replace(/-(?=[^-]*$)/, '-\r\n')],
  ['blanks for dashes', (text) => text.replaceAll('-', ' ')],
  ['nothing for dashes', (text) => text.replaceAll('-', '')],
  ['tabs around', (text) => `\t${text}\t\n`],
  ['a label', (text) => `License key: ${text}`],
  ['a label without a blank', (text) => `Lizenzschlüssel:${text}`],
  ['quotes', (text) => `“${text}”`],
  ['brackets and a full stop', (text) => `<${text}>.`],
  ['asterisks', (text) => `**${text}**`],
  ['small letters', (text) => text.toLowerCase()],
  ['O for 0 and I for 1', spoken],
  ['all of it', (text) => `Your key:\n  *${spoken(text).replaceAll('-', ' \u2014 ').toLowerCase()}*`],
]

describe('a license key as people paste it', () => {
  it.each(PASTED)('with %s is read', async (_, paste) => {
    const activated = await asApp('/key/activate', paste(key))
    expect(activated.status).toBe(200)
    expect((await asApp('/key/validate', paste(key))).body.valid).toBe(true)
  })

  it('is read at a checkout', async () => {
    const floating = await makeKey(fixture, { licenseType: 'floating' })
    expect((await asApp('/key/checkout', floating.replaceAll('-', ' '))).status).toBe(200)
  })

  it('is told once, to whoever asks again with one idempotency key', async () => {
    const headers = { 'Idempotency-Key': 'pasted' }
    const body = named(fixture, key.replaceAll('-', ''), { hostId: 'again' })
    const [first, again] = [
      await post(fixture, '/key/activate', body, { headers }),
      await post(fixture, '/key/activate', body, { headers }),
    ]
    expect([first.status, again.status]).toEqual([200, 200])
    expect(again.body).toEqual(first.body)
  })
})

it('a text of nothing but marks is read in no time, however long', () => {
  const marks = '\u2057'.repeat(100_000)
  expect(pastedKeys(`A${marks}A`).at(0)).toHaveLength(400_002)
  expect(pastedKeys(`${marks}A-B${marks}`)).toEqual(['A-B', 'A-B'])
})

describe('no key is guessed for', () => {
  it('the vendor: what changes or frees something names it exactly', async () => {
    const loose = key.replaceAll('-', '')
    for (const path of ['/key/block', '/key/deactivate']) {
      expectRefusal(await post(fixture, path, named(fixture, loose, { hostId: 'host' })), 404, 1, 'Invalid license key')
    }
  })

  it('a text that is too short, another key, or one that two have', async () => {
    const other = await makeAuthtoolKey(fixture)
    for (const text of ['', 'License key:', key.slice(0, 12), `${key}A`, other.slice(0, -1)]) {
      expect((await asApp('/key/validate', text)).body.valid).not.toBe(true)
    }
  })

  it('one that was imported: nobody knows which of its like were deleted', async () => {
    await importLicense(fixture, 'WEAK-0000-0000-0001-AAAA-BBBB')
    expect((await asApp('/key/activate', ' “weak–0000–0000–0001–aaaa–bbbb” ')).status).toBe(200)
    expectRefusal(await asApp('/key/activate', 'WEAK0000000000001AAAABBBB'), 404, 1, 'Invalid license key')
  })
})
