import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyring, revokeKey, rotateKeyring } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import { signMoved } from '../../src/server/signing/server-statement'
import { keyslotJson } from '../cli/keyslot-process'
import { scratchFolder } from '../cli/scratch-folder'
import { codeOf } from '../client/error-code'
import { openPlace, startVendor } from './lost-server'

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000)
const hours = (count: number) => new Date(NOW.getTime() + count * 3_600_000)

/** Two apps activated at a server that is gone by now, and a server at another address over the same store and keyring. */
async function move() {
  const vendor = await startVendor(NOW)
  const texts = { published: '' }
  const web = await openPlace((_, response) => response.end(texts.published))
  const options = { statementsUrl: `${web.url}/keyslot/statements.jws` }
  const licenseKey = await vendor.createLicense()
  const app = vendor.createApp('app', options)
  await app.start().activate(licenseKey)
  const next = await vendor.startServer()
  vendor.server.close()
  const { statement } = await keyslotJson<{ statement: string }>(
    ...['keys', 'moved', '--to', next.url, '--keys', vendor.keyringFile],
  )
  const stored = () => JSON.parse(readFileSync(join(app.dataDir, 'license.json'), 'utf8'))
  return { vendor, texts, web, options, app, next, statement, stored, licenseKey }
}

describe('a server that has moved', () => {
  it('is found by the second address: apps renew there, and no key is typed', async () => {
    const { vendor, texts, web, app, next, statement, stored } = await move()
    texts.published = `${statement}\n`
    vendor.clock.now = hours(1)
    const before = stored().licenseToken
    expect(await app.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    expect(stored().licenseToken).not.toBe(before)
    expect(stored()).toMatchObject({ serverUrl: next.url, movedFrom: vendor.server.url })
    expect(next.paths).toContain('/licensing/key/validate')
    expect(web.paths).toEqual(['/keyslot/statements.jws'])
    // From then on the first question goes there.
    const kit = app.start()
    expect(await kit.refresh()).toMatchObject({ lastContact: { code: 'OK' } })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed' })
    expect(web.paths).toHaveLength(1)
  })

  it('is found by an app that is new, with its first activation', async () => {
    const { vendor, texts, options, statement } = await move()
    texts.published = statement
    const licenseKey = await vendor.createLicense()
    expect(await vendor.createApp('new', options).start().activate(licenseKey)).toMatchObject({ status: 'valid' })
  })

  it('is found by a statement that a person brings, without a second address', async () => {
    const { app, statement } = await move()
    const kit = app.start({ statementsUrl: undefined })
    expect(await kit.refresh()).toMatchObject({ lastContact: { code: 'SERVER_UNREACHABLE' } })
    await kit.importStatement(Buffer.from(`\uFEFF${statement}\r\n`))
    expect(await kit.refresh()).toMatchObject({ lastContact: { code: 'OK' } })
  })

  it('is not where a forged, altered or unsafe statement says', async () => {
    const { vendor, texts, app } = await move()
    const { keyring } = vendor
    const evil = await openPlace((_, response) => response.end('{}'))
    const by = (signer: typeof keyring) => ({ keyring: signer, issuer: 'keyslot', now: NOW })
    const genuine = await signMoved(by(keyring), { serverUrl: 'https://a.example.com/licensing' })
    const payload = Buffer.from(JSON.stringify({ iss: 'keyslot', iat: 1, serverUrl: evil.url })).toString('base64url')
    const forgeries: [string, string][] = [
      [await signMoved(by(createKeyring(NOW)), { serverUrl: evil.url }), 'STATEMENT_UNTRUSTED'],
      [genuine.replace(/\.[^.]+\./, `.${payload}.`), 'STATEMENT_UNTRUSTED'],
      [await signMoved(by(keyring), { serverUrl: 'http://a.example.com/licensing' }), 'STATEMENT_MALFORMED'],
      [await signMoved(by(keyring), { serverUrl: 'javascript:alert(1)' }), 'STATEMENT_MALFORMED'],
      [await signMoved({ ...by(keyring), issuer: 'somebody' }, { serverUrl: evil.url }), 'STATEMENT_MALFORMED'],
    ]
    for (const [index, [text, code]] of forgeries.entries()) {
      expect(await codeOf(app.start().importStatement(text))).toBe(code)
      await writeFile(join(app.dataDir, 'moved.jws'), `${text}\n${vendor.server.url}`)
      texts.published = text
      vendor.clock.now = hours(2 * (index + 1))
      expect(await app.start().refresh()).toMatchObject({ lastContact: { code: 'SERVER_UNREACHABLE' } })
    }
    expect(evil.paths).toEqual([])
  })

  it('is asked for once an hour at most, and not while the server answers', async () => {
    const { vendor, texts, web, app, next, options, licenseKey } = await move()
    const at = async (hour: number, serverUrl = vendor.server.url) => {
      vendor.clock.now = hours(hour)
      await app.start({ serverUrl }).refresh()
      return web.paths.length
    }
    texts.published = await signMoved(
      { keyring: vendor.keyring, issuer: 'keyslot', now: NOW },
      { serverUrl: vendor.server.url },
    )
    expect(await at(0.1, next.url)).toBe(0)
    expect([await at(0.2), await at(0.3), await at(1.1), await at(1.3), await at(2.4)]).toEqual([1, 1, 1, 2, 3])
    const kit = vendor.createApp('other', options).start()
    for (let times = 0; times < 3; times++) await kit.activate(licenseKey).catch(() => undefined)
    expect(web.paths).toHaveLength(4)
  })

  it('is asked for too where somebody on the way answers in its place', async () => {
    const { vendor, texts, app, statement } = await move()
    texts.published = statement
    const headers = { 'content-type': 'application/json', 'keyslot-error': 'LICENSE_NOT_FOUND' }
    const forged = async () => new Response('{"message":"No","code":1}', { status: 404, headers })
    const wrapped: typeof fetch = (url, init) =>
      String(url).startsWith(vendor.server.url) ? forged() : fetch(url, init)
    expect(await app.start({ fetch: wrapped }).refresh()).toMatchObject({ lastContact: { code: 'OK' } })
  })

  it('is asked for again after five minutes where a sign-in page stood in its place', async () => {
    const { vendor, texts, web, app, statement } = await move()
    texts.published = '<html>sign in</html>'
    const kit = app.start()
    const at = async (minutes: number) => {
      vendor.clock.now = hours(minutes / 60)
      const answers = [await app.start().refresh(), await kit.refresh()]
      return [web.paths.length, ...answers.map(({ lastContact }) => lastContact?.code)]
    }
    expect(await at(1)).toEqual([1, 'SERVER_UNREACHABLE', 'SERVER_UNREACHABLE'])
    texts.published = statement
    expect(await at(5)).toEqual([1, 'SERVER_UNREACHABLE', 'SERVER_UNREACHABLE'])
    expect(await at(6.1)).toEqual([2, 'OK', 'OK'])
  })

  it('is still where it was while the new address has not answered: a wrong statement locks nobody out', async () => {
    const { vendor, app, next, stored } = await move()
    const old = next
    const { url: dead, close } = await openPlace(() => undefined)
    const kit = (timing = {}) => app.start({ serverUrl: old.url, ...timing })
    const state = (hour: number, serverUrl: string) =>
      signMoved({ keyring: vendor.keyring, issuer: 'keyslot', now: hours(hour) }, { serverUrl })
    await kit().importStatement(await state(0, dead))
    vendor.clock.now = hours(1)
    const slow = { tryTimeoutMs: 500, totalTimeoutMs: 2_000 }
    expect(await kit(slow).refresh(), 'a place that hangs').toMatchObject({ lastContact: { code: 'OK' } })
    close()
    expect(await kit().refresh(), 'nobody there').toMatchObject({ lastContact: { code: 'OK' } })
    expect(stored()).toMatchObject({ serverUrl: old.url })
    expect(stored().movedFrom).toBeUndefined()
    // The corrected statement is followed, and what it names is confirmed by its answer.
    const last = await vendor.startServer()
    await kit().importStatement(await state(1, last.url))
    vendor.clock.now = hours(2)
    expect(await kit().refresh()).toMatchObject({ lastContact: { code: 'OK' } })
    expect(stored()).toMatchObject({ serverUrl: last.url, movedFrom: old.url })
    last.close()
    old.paths.length = 0
    expect(await kit().refresh()).toMatchObject({ lastContact: { code: 'SERVER_UNREACHABLE' } })
    expect(old.paths).toEqual([])
    // Another wrong one leads back to the address that was confirmed.
    await kit().importStatement(await state(2, dead))
    expect(await kit().refresh()).toMatchObject({ lastContact: { code: 'SERVER_UNREACHABLE' } })
    expect(old.paths).toEqual([])
  })

  it('is told by a statement that names the old address and products to no other app', async () => {
    const { vendor, app, next } = await move()
    const { keyring, server, product } = vendor
    const state = (terms: object) =>
      signMoved({ keyring, issuer: 'keyslot', now: NOW }, { serverUrl: next.url, ...terms })
    for (const terms of [{ from: 'https://a.example.com/licensing' }, { from: 'x' }, { products: ['prod_1'] }]) {
      expect(await codeOf(app.start().importStatement(await state(terms))), Object.keys(terms)[0]).toBe(
        'STATEMENT_MALFORMED',
      )
    }
    const { statement } = await keyslotJson<{ statement: string }>(
      ...['keys', 'moved', '--from', `${server.url}/`, '--to', next.url, '--keys', vendor.keyringFile],
      ...['--product', 'prod_1', '--product', product.id],
    )
    expect(partOf(statement, 1)).toMatchObject({ from: server.url, products: ['prod_1', product.id] })
    await app.start().importStatement(statement)
    expect(await app.start().refresh()).toMatchObject({ lastContact: { code: 'OK' } })
  })

  it('is told by no statement that a clock far ahead has dated: it would block the corrected one', async () => {
    const { vendor, app, next } = await move()
    const state = (hour: number, serverUrl: string) =>
      signMoved({ keyring: vendor.keyring, issuer: 'keyslot', now: hours(hour) }, { serverUrl })
    const wrong = await state(25, 'https://a.example.com/licensing')
    await expect(app.start().importStatement(wrong)).rejects.toMatchObject({
      code: 'STATEMENT_MALFORMED',
      message: expect.stringContaining('dated ahead'),
    })
    await app.start().importStatement(await state(0, next.url))
    expect(await app.start().refresh()).toMatchObject({ lastContact: { code: 'OK' } })
  })

  it('is where a later release of the app says, whatever an older statement says', async () => {
    const { vendor, texts, app, statement } = await move()
    texts.published = statement
    await app.start().refresh()
    const third = await vendor.startServer()
    const release = app.start({ serverUrl: third.url })
    expect(await release.refresh()).toMatchObject({ lastContact: { code: 'OK' } })
    expect(third.paths).toContain('/licensing/key/validate')
    // Also where the release hears of it again.
    await release.importStatement(statement)
    third.paths.length = 0
    await release.refresh()
    expect(third.paths).toContain('/licensing/key/validate')
  })

  it('is not lost again where the key is revoked that said so: its answer has confirmed it', async () => {
    const { vendor, app, next, statement } = await move()
    await app.start().importStatement(statement)
    await app.start().refresh()
    next.close()
    const rotated = rotateKeyring(vendor.keyring, hours(1))
    const last = await vendor.startServer(revokeKey(rotated, vendor.keyring.current.kid, hours(2)))
    const again = await signMoved({ keyring: rotated, issuer: 'keyslot', now: hours(1) }, { serverUrl: last.url })
    vendor.clock.now = hours(3)
    await app.start().importStatement(again)
    expect(await app.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    expect((await app.start().keySet()).trusted).toEqual([rotated.current.kid])
    // The statement of the revoked key is of no use any more, on the disk neither.
    await writeFile(join(app.dataDir, 'moved.jws'), `${statement}\n${vendor.server.url}`)
    expect(await codeOf(app.start().importStatement(statement))).toBe('STATEMENT_UNTRUSTED')
    expect(await app.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
  })
})

describe('a contact that tells of a revoked key', () => {
  it('replaces the license file that the key has signed, in the same step', async () => {
    const { vendor, app, next, licenseKey } = await move()
    const { keyring, product } = vendor
    const file = join(scratchFolder(), 'app.lic')
    const signed = await next.licensing.licenses.sign(licenseKey, {
      productId: product.id,
      hostId: 'app',
      ttlSeconds: 90 * 86_400,
    })
    await writeFile(file, JSON.stringify(signed))
    const kit = () => app.start({ serverUrl: later.url })
    const rotated = rotateKeyring(keyring, hours(0.1))
    let later = await vendor.startServer(rotated)
    // The app knows the new key before the old one is stolen, and its file reaches further than a renewal.
    await kit().refresh()
    vendor.clock.now = hours(1)
    await kit().importLicenseFile(file)
    expect(await kit().refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: new Date(exp(signed.licenseToken)) })
    later.close()
    later = await vendor.startServer(revokeKey(rotated, keyring.current.kid, hours(2)))
    vendor.clock.now = hours(3)
    expect(await kit().refresh()).toMatchObject({ status: 'valid', reason: 'OK' })
    const { licenseToken } = JSON.parse(await readFile(join(app.dataDir, 'license.json'), 'utf8'))
    expect(kidOf(licenseToken)).toBe(rotated.current.kid)
  })
})

const partOf = (jws: string, index: number) =>
  JSON.parse(Buffer.from(jws.split('.')[index] ?? '', 'base64url').toString())
const exp = (jws: string) => partOf(jws, 1).exp * 1000
const kidOf = (jws: string) => partOf(jws, 0).kid
