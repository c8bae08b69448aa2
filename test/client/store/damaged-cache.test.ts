import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LicenseCheck } from '../../../src/client'
import { seededRandom } from '../../seeded-random'
import { createDesk, type Desk } from '../desk'
import { printFigures } from '../figures'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY } from '../token-factory'

const SEED = 20_260_301

const figures = { files: 0, crashes: 0, recoveries: 0 }

printFigures('C04', figures)

let desk: Desk
let file: string
let whole: Buffer

beforeAll(async () => {
  desk = await createDesk()
  file = path.join(desk.dataDir, 'license.json')
  await desk.start().activate(LICENSE_KEY)
  whole = await readFile(file)
})

/** What a start of the app finds in that file. */
async function checkOf(content: Buffer | string): Promise<LicenseCheck> {
  await writeFile(file, content)
  figures.files++
  return await desk
    .start()
    .check()
    .catch((error: unknown) => {
      figures.crashes++
      throw error
    })
}

/** Whatever the file says: activating with the key works, and takes no second slot. It binds the slot to a new key. */
async function expectRecovery(): Promise<void> {
  expect(await desk.start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid', persisted: true })
  expect(await desk.start().check()).toMatchObject({ status: 'valid', persisted: true })
  expect([...desk.server.activeHosts]).toEqual([HOST_ID])
  whole = await readFile(file)
  figures.recoveries++
}

function tally(checks: readonly LicenseCheck[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, reason } of checks) counts[`${status} ${reason}`] = (counts[`${status} ${reason}`] ?? 0) + 1
  return counts
}

describe('a damaged cache file', () => {
  it('truncated at every byte: says so, never crashes, and activating mends it', async () => {
    const checks: LicenseCheck[] = []
    // Without its last two bytes, `}` and a line feed, it is no JSON any more.
    const lengths = Array.from({ length: whole.length - 2 }, (_, length) => length)
    for (const length of lengths) {
      checks.push(await checkOf(whole.subarray(0, length)))
      if (length % 100 === 0) await expectRecovery()
    }
    expect(tally(checks)).toEqual({ 'not-activated CACHE_CORRUPT': lengths.length })
  })

  it('one bit flipped anywhere: never a crash, and never another license than the signed one', async () => {
    const random = seededRandom(SEED)
    const { license: genuine } = await checkOf(whole)
    const checks: LicenseCheck[] = []
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8))
      const check = await checkOf(flipped)
      if (check.usable) expect(check.license).toEqual(genuine)
      checks.push(check)
    }
    expect(Object.keys(tally(checks)).sort()).toEqual([
      'expired TOKEN_EXPIRED',
      'not-activated CACHE_CORRUPT',
      'not-activated CACHE_NEWER',
      'untrusted TOKEN_ALGORITHM',
      'untrusted TOKEN_KEY_UNKNOWN',
      'untrusted TOKEN_MALFORMED',
      'untrusted TOKEN_SIGNATURE',
      'valid OK',
      // The key's name, not the key: a token that is bound to one the file no longer has.
      'wrong-host TOKEN_WRONG_HOST',
    ])
    await expectRecovery()
  })

  it('random bytes, of any length: corrupt', async () => {
    const random = seededRandom(SEED)
    const noise = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
    const checks: LicenseCheck[] = []
    for (let i = 0; i < 300; i++) checks.push(await checkOf(noise(Math.floor(random() * 2_000))))
    expect(tally(checks)).toEqual({ 'not-activated CACHE_CORRUPT': 300 })
    await expectRecovery()
  })

  it.each<[string, object, string]>([
    ['an endless time mark', { highestTimeSeen: '1e999' }, 'valid'],
    ['a time mark of the far past', { highestTimeSeen: '-1e308', clock: '{"signed":-1e308,"by":[]}' }, 'valid'],
    ['a token of a megabyte', { licenseToken: JSON.stringify('a'.repeat(1_000_000)) }, 'untrusted'],
    ['a sealed text that nothing opens', { sealed: '"AAAA"' }, 'not-activated'],
    ['an array where the key belongs', { licenseKey: '["a"]' }, 'not-activated'],
    ['a prototype', { '__proto__": {"version": 9}, "x': '1' }, 'valid'],
  ])('%s: a status, no crash, and the next contact heals it', async (_, changes, status) => {
    expect(await checkOf(withRawFields(changes))).toMatchObject({ status })
    await desk.start().refresh()
    if (status !== 'not-activated') expect(await desk.start().check()).toMatchObject({ status: 'valid' })
    await expectRecovery()
  })

  it('nested as deep as a megabyte allows: corrupt', async () => {
    expect(await checkOf('['.repeat(1_000_000))).toMatchObject({ reason: 'CACHE_CORRUPT' })
    await expectRecovery()
  })

  it('of a later version: says so, leaves it alone, and activating replaces it', async () => {
    const later = JSON.stringify({ ...JSON.parse(whole.toString()), version: 2 })
    expect(await checkOf(later)).toMatchObject({ status: 'not-activated', reason: 'CACHE_NEWER' })
    await desk.start().refresh()
    expect(await readFile(file, 'utf8')).toBe(later)
    await expectRecovery()
  })

  it('of another host: says so, and activating takes a slot of its own', async () => {
    const dataDir = await temporaryDir()
    await writeFile(path.join(dataDir, 'license.json'), whole)
    const there = desk.start({ dataDir, hostId: 'host-b' })
    expect(await there.check()).toMatchObject({ status: 'wrong-host', usable: false })
    expect(await there.refresh()).toMatchObject({ status: 'wrong-host' })
    desk.server.limit = 2
    expect(await there.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect([...desk.server.activeHosts]).toEqual([HOST_ID, 'host-b'])
    desk.server.activeHosts.delete('host-b')
    desk.server.limit = 1
  })
})

/** The whole file with fields replaced by JSON as it stands, which may be more than `JSON.stringify` can write. */
function withRawFields(changes: object): string {
  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries(JSON.parse(whole.toString()))) fields[name] = JSON.stringify(value)
  const all = Object.entries({ ...fields, ...changes })
  return `{${all.map(([name, value]) => `"${name}": ${value}`).join(', ')}}`
}
