import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isLicenseError, type LicenseError, type LicenseKitOptions } from '../../../src/client'
import { createDesk, type Desk, later } from '../desk'
import { type Fault, PUBLISHABLE_TOKEN } from '../fake-license-server'
import { DAY, LICENSE_KEY, PRODUCT_ID } from '../token-factory'

afterEach(() => {
  vi.unstubAllGlobals()
})

function refusing(status: number, code: string, message: string): Fault {
  return (response) =>
    response.writeHead(status, { 'keyslot-error': code }).end(JSON.stringify({ message })) !== undefined
}

/** A system that fails each request so. */
function failing(code: string): Partial<LicenseKitOptions> {
  return { fetch: () => Promise.reject(Object.assign(new Error('no'), { cause: { code } })) }
}

async function errorOf(
  desk: Desk,
  changes?: Partial<LicenseKitOptions>,
  licenseKey = LICENSE_KEY,
): Promise<LicenseError> {
  const error = await desk
    .start(changes)
    .activate(licenseKey)
    .catch((thrown: unknown) => thrown)
  return isLicenseError(error) ? error : expect.fail(String(error))
}

function causeOf({ cause }: LicenseError): string {
  return cause instanceof Error ? cause.message : expect.fail('no cause')
}

describe('the cause of an error, for a developer', () => {
  it('has URL, status and what the server said', async () => {
    const desk = await createDesk()
    desk.server.blocked = true
    desk.server.fault = refusing(403, 'LICENSE_BLOCKED', 'License not activated')
    const cause = causeOf(await errorOf(desk))
    expect(cause).toBe(`POST ${desk.server.url}/key/activate answered 403, LICENSE_BLOCKED: License not activated`)
  })

  it('says that nothing is mounted where the app asks', async () => {
    const desk = await createDesk()
    desk.server.fault = (response) => response.writeHead(404).end('Cannot POST /key/activate') !== undefined
    const error = await errorOf(desk)
    expect(error.code).toBe('SERVER_UNREACHABLE')
    expect(causeOf(error)).toMatch(/activate answered 404, and not as a license server does.*serverUrl.*mounted/)
  })

  it('names the system’s own reason', async () => {
    const cause = causeOf(await errorOf(await createDesk(), failing('ECONNREFUSED')))
    expect(cause).toMatch(/^POST http.*\/key\/activate: ECONNREFUSED$/)
  })

  it('says so where the runtime has no fetch', async () => {
    const desk = await createDesk()
    vi.stubGlobal('fetch', undefined)
    expect(causeOf(await errorOf(desk))).toContain('give the option fetch')
  })

  it('never holds license key or access token, whatever a server repeats', async () => {
    const desk = await createDesk()
    for (const message of [`No license ${LICENSE_KEY}`, `No token ${PUBLISHABLE_TOKEN}`]) {
      desk.server.fault = refusing(404, 'LICENSE_NOT_FOUND', message)
      const error = await errorOf(desk)
      expect(causeOf(error)).toContain('answered 404, LICENSE_NOT_FOUND')
      expect(inspect(error, { depth: 9 })).not.toMatch(new RegExp(`${LICENSE_KEY}|${PUBLISHABLE_TOKEN}`))
    }
  })
})

describe('the sentence for a person', () => {
  it('blames the license key only where that is at fault', async () => {
    const desk = await createDesk()
    desk.server.fault = refusing(400, 'INVALID_REQUEST', 'version: must be shorter')
    expect((await errorOf(desk)).message).toContain('does not understand this app')
    desk.server.fault = refusing(400, 'INVALID_REQUEST', 'licenseKey: must be printable ASCII')
    expect((await errorOf(desk)).message).toContain('license key is not written correctly')
  })

  it.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])('names the clock for %s', async (code) => {
    expect((await errorOf(await createDesk(), failing(code))).message).toContain('check date and time')
    expect((await errorOf(await createDesk(), failing('DEPTH_ZERO_SELF_SIGNED_CERT'))).message).not.toContain('date')
  })

  it('says that the server does not accept the app, and not that the internet is missing', async () => {
    const desk = await createDesk()
    await desk.start().activate(LICENSE_KEY)
    const sentences: string[] = []
    for (const days of [15, 30]) {
      desk.clock.now = later(days * DAY)
      const license = await desk.start({ accessToken: 'pk_revoked' }).refresh()
      expect(license.lastContact).toEqual({ at: desk.clock.now, code: 'INVALID_ACCESS_TOKEN' })
      // Another process, and the next start, know it.
      expect(await desk.start().check()).toEqual(license)
      sentences.push(`${license.status}: ${license.message}`)
    }
    expect(sentences).toEqual([
      expect.stringMatching(/^grace: .*does not accept this app/),
      expect.stringMatching(/^expired: .*does not accept this app/),
    ])
  })
})

describe('what an app hands over', () => {
  it('may be a tag of any length', async () => {
    const desk = await createDesk()
    await desk.start().activate(LICENSE_KEY, { deviceTag: `${'x'.repeat(63)}😀 of Ada` })
    await desk.start().activate(LICENSE_KEY, { deviceTag: '' })
    const tags = desk.server.requests.map(({ body }) => body.deviceTag)
    expect(tags).toEqual(['x'.repeat(63), undefined])
  })

  it('must be the id of a product: asked about another, the server would blame the license key', async () => {
    const desk = await createDesk()
    expect(() => desk.start({ productId: 'Acme Editor' })).toThrow(/productId is no id/)
    expect(() => desk.start({ productId: PRODUCT_ID })).not.toThrow()
  })
})
