import { sign } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LicenseKit, PublicJwk } from 'keyslot/client'
import { createKeyring, type Keyring, revokeKey, rotateKeyring, type SigningKey } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../cli/scratch-folder'
import { codeOf } from '../client/error-code'
import { createApp, type RotatingServer, startRotatingServer } from './rotating-server'

const at = (day: number) => new Date(Date.UTC(2026, 0, day))

/** What an app pins: the key as `keyslot keys show` prints it. */
const pin = (...keys: readonly SigningKey[]): readonly PublicJwk[] => keys.map(({ publicJwk }) => publicJwk)

const without = (keyring: Keyring, key: SigningKey): Keyring => ({
  ...keyring,
  retired: keyring.retired.filter(({ kid }) => kid !== key.kid),
})

/** A ring of one key, then of two, then of three. */
function generations() {
  const one = createKeyring(at(1))
  const two = rotateKeyring(one, at(2))
  const three = rotateKeyring(two, at(3))
  return { one, two, three, first: one.current, second: two.current, third: three.current }
}

/** An app that pins the one key there is, activated. */
async function installed(keyring: Keyring) {
  const server = await startRotatingServer(keyring)
  const app = createApp(server, pin(keyring.current))
  await app.start().activate(server.licenseKey)
  return { server, ...app }
}

/** The `kid` of the license token on disk. */
async function signerIn(dataDir: string): Promise<string> {
  const { licenseToken } = JSON.parse(await readFile(join(dataDir, 'license.json'), 'utf8'))
  return JSON.parse(Buffer.from(licenseToken.split('.')[0], 'base64url').toString()).kid
}

async function trusted(kit: LicenseKit): Promise<readonly string[]> {
  return [...(await kit.keySet()).trusted].sort()
}

const kids = (...keys: readonly SigningKey[]) => keys.map(({ kid }) => kid).sort()

const asked = ({ paths }: RotatingServer, part: string) => paths.filter((path) => path.includes(part))

/** Makes a token of the stored one's claims, as whoever has stolen a key can. */
async function forge(dataDir: string, key: SigningKey): Promise<string> {
  const { licenseToken } = JSON.parse(await readFile(join(dataDir, 'license.json'), 'utf8'))
  const claims = JSON.parse(Buffer.from(licenseToken.split('.')[1], 'base64url').toString())
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })}.${encode({ ...claims, exp: claims.exp + 1e9 })}`
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString('base64url')}`
}

describe('a rotation', () => {
  it('is followed by the next refresh, and believed offline at every later start', async () => {
    const { one, two, first, second } = generations()
    const server = await startRotatingServer(one)
    const { dataDir, start } = createApp(server, pin(first))
    const kit = start()
    await kit.activate(server.licenseKey)
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await kit.keySet()).toEqual({ trusted: [first.kid], version: null, changedAt: null, lastProblem: null })

    await server.restart(two)
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(dataDir)).toBe(second.kid)
    expect(await kit.keySet()).toEqual({
      trusted: expect.arrayContaining([first.kid, second.kid]),
      version: at(2).getTime(),
      changedAt: at(2),
      lastProblem: null,
    })
    server.goDown()
    const before = server.paths.length
    expect(await start().check()).toMatchObject({ status: 'valid', persisted: true })
    expect(server.paths).toHaveLength(before)
    // The pinned key alone would not do.
    expect(await start({ dataDir: await copyWithoutKeys(dataDir) }).check()).toMatchObject({
      status: 'untrusted',
      reason: 'TOKEN_KEY_UNKNOWN',
      refreshDue: true,
    })
  })

  it('is followed by an activation, which asks for the key by its name', async () => {
    const { two, first, second } = generations()
    const server = await startRotatingServer(two)
    const { start } = createApp(server, pin(first))
    expect(await start().activate(server.licenseKey)).toMatchObject({ status: 'valid' })
    expect(server.paths).toEqual(['/licensing/key/activate', `/licensing/.well-known/jwks.json?kid=${second.kid}`])
    // Known by now.
    await start().activate(server.licenseKey)
    expect(asked(server, 'jwks')).toHaveLength(1)
  })

  it('costs nothing where nothing changed: the key set is looked at once a day, no matter how often it is refreshed', async () => {
    const { one, first } = generations()
    const server = await startRotatingServer(one)
    const kit = createApp(server, pin(first)).start()
    await kit.activate(server.licenseKey)
    for (let times = 0; times < 3; times++) await kit.refresh()
    expect(asked(server, 'jwks')).toEqual(['/licensing/.well-known/jwks.json'])
  })

  it('is heard of ahead, before anything is signed with the new key', async () => {
    const { one, two, first, second } = generations()
    const { server, start } = await installed(one)
    // The old process still answers what matters, the new one the question for keys.
    await server.restart(one, two)
    const kit = start()
    await kit.refresh()
    expect(await trusted(kit)).toEqual(kids(first, second))
  })

  it('is followed by an app that was off for two of them', async () => {
    const { one, three, first, second, third } = generations()
    const { server, dataDir, start } = await installed(one)
    await server.restart(three)
    const kit = start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(dataDir)).toBe(third.kid)
    expect(await trusted(kit)).toEqual(kids(first, second, third))
  })

  it('is followed step by step where the pinned key is gone from the keyring, and remembered so', async () => {
    const { one, two, three, first, second, third } = generations()
    const { server, dataDir, start } = await installed(one)
    await server.restart(two)
    await start().refresh()
    await server.restart(without(three, first))
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(dataDir)).toBe(third.kid)
    server.goDown()
    expect(await start().check()).toMatchObject({ status: 'valid' })
    expect(await trusted(start())).toEqual(kids(first, second, third))
  })

  it('is not followed where no key that is trusted is left to vouch for the new one', async () => {
    const { one, two, three, first } = generations()
    const { server, start } = await installed(one)
    await server.restart(two)
    await server.restart(without(three, first))
    const kit = start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await kit.keySet()).toMatchObject({ trusted: [first.kid], lastProblem: 'KEY_SET_UNTRUSTED' })
    expect(await codeOf(start({ dataDir: scratchFolder() }).activate(server.licenseKey))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('of two processes restarted one after the other, each request may meet either', async () => {
    const { one, two, first } = generations()
    for (const order of [0, 1]) {
      const server = await startRotatingServer(one)
      await server.restart(one, two)
      const { start } = createApp(server, pin(first))
      // Shifts who answers first.
      if (order === 1) await fetch(`${server.url}/healthz`)
      const kit = start()
      expect(await kit.activate(server.licenseKey)).toMatchObject({ status: 'valid' })
      for (let times = 0; times < 6; times++) {
        expect(await kit.refresh()).toMatchObject({ status: 'valid' })
        expect(await start().check()).toMatchObject({ status: 'valid' })
      }
    }
  })

  it('is not forgotten where a process with the old keyring answers later', async () => {
    const { one, two, three, first, second, third } = generations()
    const server = await startRotatingServer(one)
    const { start } = createApp(server, pin(first))
    await server.restart(one, two, three)
    const kit = start()
    await kit.activate(server.licenseKey)
    for (let times = 0; times < 9; times++) expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await trusted(kit)).toEqual(kids(first, second, third))
    expect((await kit.keySet()).version).toBe(at(3).getTime())
  })
})

describe('a newer release of the app', () => {
  it('that pins another of the keys vouched for goes on, offline', async () => {
    const { one, three, first, second, third } = generations()
    const { server, dataDir, start } = await installed(one)
    await server.restart(three)
    await start().refresh()
    server.goDown()
    const release = createApp(server, pin(second), dataDir).start()
    expect(await release.check()).toMatchObject({ status: 'valid' })
    expect(await trusted(release)).toEqual(kids(first, second, third))
  })

  it('that pins others drops what does not follow from them', async () => {
    const { one, two } = generations()
    const { server, dataDir, start } = await installed(one)
    await server.restart(two)
    await start().refresh()
    const { current: stranger } = createKeyring(at(9))
    const release = createApp(server, pin(stranger), dataDir).start()
    expect(await release.check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN' })
    expect(await release.keySet()).toMatchObject({ trusted: [stranger.kid], version: null })
    expect(await release.refresh()).toMatchObject({ status: 'untrusted' })
  })
})

describe('a revocation', () => {
  it('reaches an app that has vouched-for keys: the pinned one is not trusted any more', async () => {
    const { one, two, three, first, second, third } = generations()
    const { server, dataDir, start } = await installed(one)
    await server.restart(two)
    await start().refresh()
    await server.restart(revokeKey(three, first.kid, at(4)))
    const kit = start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await trusted(kit)).toEqual(kids(second, third))
    server.goDown()
    expect(await start().check()).toMatchObject({ status: 'valid' })
    await expectForgeryRefused(dataDir, first, start)
  })

  it('reaches an app that knows the stolen key alone: its last word is who follows', async () => {
    const { one, two, first, second } = generations()
    const server = await startRotatingServer(one)
    const { dataDir, start } = createApp(server, pin(first))
    const running = start()
    await running.activate(server.licenseKey)
    const activated = await readFile(join(dataDir, 'license.json'))
    await server.restart(revokeKey(two, first.kid, at(4)))
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(dataDir)).toBe(second.kid)
    expect(await trusted(start())).toEqual([second.kid])
    expect(await running.check()).toMatchObject({ status: 'valid' })
    await expectForgeryRefused(dataDir, first, start)
    // What a process has found genuine before is judged anew, without contact of its own.
    await writeFile(join(dataDir, 'license.json'), activated)
    expect(await running.check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN' })
  })

  it('of a key the app does not pin ends what that key vouched for', async () => {
    const { one, two, three, first, second, third } = generations()
    const { server, start } = await installed(one)
    await server.restart(two)
    await start().refresh()
    await server.restart(revokeKey(three, second.kid, at(4)))
    const kit = start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await trusted(kit)).toEqual(kids(first, third))
  })

  it('costs nobody the license while the servers that have rotated before are restarted one after the other', async () => {
    const { one, two, first, second } = generations()
    for (const order of [0, 1]) {
      const { server, start } = await installed(one)
      await server.restart(two, revokeKey(two, first.kid, at(4)))
      // Shifts who answers first.
      if (order === 1) await fetch(`${server.url}/healthz`)
      for (let times = 0; times < 6; times++) {
        expect(await start().refresh()).toMatchObject({ status: 'valid' })
        expect(await start().check()).toMatchObject({ status: 'valid' })
      }
      expect(await trusted(start())).toEqual([second.kid])
    }
  })

  async function expectForgeryRefused(dataDir: string, stolen: SigningKey, start: () => LicenseKit) {
    const file = join(dataDir, 'license.json')
    const genuine = await readFile(file, 'utf8')
    await writeFile(file, JSON.stringify({ ...JSON.parse(genuine), licenseToken: await forge(dataDir, stolen) }))
    expect(await start().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN', usable: false })
    await writeFile(file, genuine)
  }
})

describe('without network', () => {
  const offline = { fetch: () => Promise.reject(new TypeError('fetch failed')) }

  async function writeFileOf(content: unknown): Promise<string> {
    const file = join(scratchFolder(), 'host-a.lic')
    await writeFile(file, JSON.stringify(content))
    return file
  }

  it('a license file brings along what vouches for its key', async () => {
    const { one, two, first, second } = generations()
    const server = await startRotatingServer(one)
    const { start } = createApp(server, pin(first))
    const before = await server.sign('host-a')
    expect(before).not.toHaveProperty('keyStatements')
    expect(await start(offline).importLicenseFile(await writeFileOf(before))).toMatchObject({ status: 'valid' })

    await server.restart(two)
    const after = await server.sign('host-a')
    expect(after.keyId).toBe(second.kid)
    const { keyStatements, ...bare } = after
    expect(keyStatements).toHaveLength(2)
    expect(await codeOf(start(offline).importLicenseFile(await writeFileOf(bare)))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await start(offline).check()).toMatchObject({ status: 'valid' })
    expect(await start(offline).importLicenseFile(await writeFileOf(after))).toMatchObject({ status: 'valid' })
    expect(await start(offline).check()).toMatchObject({ status: 'valid' })
    expect(await trusted(start(offline))).toEqual(kids(first, second))
  })

  it('it tells of a stolen key too, and an older file undoes nothing', async () => {
    const { one, two, first, second } = generations()
    const server = await startRotatingServer(one)
    const { start } = createApp(server, pin(first))
    const stolen = await server.sign('host-a')
    await server.restart(two)
    const older = await server.sign('host-a')
    await server.restart(revokeKey(two, first.kid, at(4)))
    const file = await server.sign('host-a')
    const kit = start(offline)
    expect(await kit.importLicenseFile(await writeFileOf(stolen))).toMatchObject({ status: 'valid' })
    expect(await kit.importLicenseFile(await writeFileOf(file))).toMatchObject({ status: 'valid' })
    expect(await trusted(kit)).toEqual([second.kid])
    expect(await codeOf(kit.importLicenseFile(await writeFileOf(stolen)))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await kit.importLicenseFile(await writeFileOf(older))).toMatchObject({ status: 'valid' })
    expect(await trusted(start(offline))).toEqual([second.kid])
  })

  it.each<[string, unknown]>([
    ['a text', 'eyJ'],
    ['numbers', [1, 2]],
    ['nonsense', ['eyJ', '..', '<html>']],
    ['null', null],
  ])('%s in its place is passed over', async (_, keyStatements) => {
    const { one, first } = generations()
    const server = await startRotatingServer(one)
    const { start } = createApp(server, pin(first))
    const file = await server.sign('host-a')
    const path = await writeFileOf({ ...file, keyStatements })
    expect(await start(offline).importLicenseFile(path)).toMatchObject({ status: 'valid' })
  })
})

async function copyWithoutKeys(dataDir: string): Promise<string> {
  const copy = scratchFolder()
  await writeFile(join(copy, 'license.json'), await readFile(join(dataDir, 'license.json')))
  return copy
}
