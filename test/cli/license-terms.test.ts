import { beforeAll, describe, expect, it } from 'vitest'
import { ROUTES } from '../../src/protocol/routes'
import { keyslot, keyslotJson, type RunningServer, serve } from './keyslot-process'
import { scratchStore } from './scratch-folder'

interface LicenseJson {
  readonly key: string
  readonly versionId: string | null
}

interface VersionJson {
  readonly id: string
  readonly version: string
}

const { args: store } = scratchStore()

/** A server on the same store, which lends the seats. */
let server: RunningServer
beforeAll(async () => {
  server = await serve(...store)
})

async function checkOut(licenseKey: string): Promise<{ sessionSecret: string }> {
  const { url, secretToken, productId } = server.line
  const response = await fetch(url + ROUTES.checkout.path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secretToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId, licenseKey, hostId: 'host-1', userIdentifier: 'ada' }),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { sessionSecret: string }
}

function refused(code: number, why: string) {
  return { code, stdout: '', stderr: `keyslot: ${why}\n` }
}

describe('keyslot license create --floating', () => {
  it('makes seats, and shows who holds them but not their secrets', async () => {
    const terms = ['--floating', '--seats', '2', '--heartbeat', '1 minute', '--lease', '5 minutes']
    const made = await keyslotJson<LicenseJson>('license', 'create', ...store, ...terms)
    expect(made).toMatchObject({
      type: 'floating',
      maxConcurrentSessions: 2,
      heartbeatIntervalSeconds: 60,
      sessionLeaseSeconds: 300,
      liveSessions: 0,
    })
    await checkOut(made.key)
    const [shown, json, listed] = await Promise.all([
      keyslot('license', 'show', ...store, made.key),
      keyslot('license', 'show', ...store, made.key, '--json'),
      keyslot('license', 'list', ...store),
    ])
    expect(shown.stdout).toMatch(/^Type +floating$/m)
    expect(shown.stdout).toMatch(/^Seats +1 of 2 taken$/m)
    expect(shown.stdout).toMatch(/^Heartbeat +every 1 minute$/m)
    expect(shown.stdout).toMatch(/^Lease +5 minutes$/m)
    expect(shown.stdout).toMatch(/^[\w-]{22} +host-1 +ada +- +127\.0\.0\.1 /m)
    expect(JSON.parse(json.stdout)).toMatchObject({ liveSessions: 1, sessions: [{ hostId: 'host-1' }] })
    expect(json.stdout).not.toMatch(/secret|nonce/)
    expect(listed.stdout).toMatch(new RegExp(`^${made.key} +active +2 seats`, 'm'))

    const changes = ['--seats', 'unlimited', '--lease', 'default']
    expect(await keyslotJson('license', 'update', ...store, made.key, ...changes)).toMatchObject({
      maxConcurrentSessions: null,
      heartbeatIntervalSeconds: 60,
      sessionLeaseSeconds: null,
    })
    expect(await keyslot('license', 'update', ...store, made.key, '--max-activations', '3')).toEqual(
      refused(2, 'the license is a floating one: its limit is --seats, not --max-activations'),
    )
  })
})

describe('keyslot license update', () => {
  it('changes what is given, and takes away what a word says', async () => {
    const made = await keyslotJson<LicenseJson>('license', 'create', ...store, '--max-activations', '1')
    const customer = await keyslotJson<{ id: string }>('customer', 'create', ...store, 'Ada')
    const update = ['license', 'update', ...store, made.key.toLowerCase()]
    const terms = ['--max-activations', '5', '--expires', '2040-01-01', '--metadata', '{"plan":"pro"}']
    const more = ['--allowed-hosts', 'host-1,host-2', '--customer', customer.id]
    expect(await keyslotJson(...update, ...terms, ...more)).toMatchObject({
      key: made.key,
      type: 'node-locked',
      maxActivations: 5,
      expiresAt: '2040-01-01T23:59:59.999Z',
      metadata: { plan: 'pro' },
      allowedHosts: ['host-1', 'host-2'],
      customer: { id: customer.id },
    })
    const none = ['--max-activations', 'unlimited', '--expires', 'never', '--metadata', 'none']
    expect(await keyslotJson(...update, ...none, '--allowed-hosts', 'any', '--customer', 'none')).toMatchObject({
      maxActivations: null,
      expiresAt: null,
      metadata: null,
      allowedHosts: null,
      customer: null,
    })
    expect(await keyslot(...update, '--seats', '3')).toEqual(
      refused(2, '--seats, --heartbeat and --lease are for floating licenses, and this one is not'),
    )
    expect(await keyslot(...update, '--customer', 'nobody@example.com')).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('keyslot license --external-id', () => {
  it('is set, shown, found by, changed and taken away', async () => {
    const made = await keyslotJson<LicenseJson>('license', 'create', ...store, '--external-id', 'order 4711')
    expect(made).toMatchObject({ externalId: 'order 4711' })
    const list = ['license', 'list', ...store, '--external-id']
    const [shown, found, none] = await Promise.all([
      keyslot('license', 'show', ...store, made.key),
      keyslot(...list, 'order 4711'),
      keyslot(...list, 'order 4712'),
    ])
    expect(shown.stdout).toMatch(/^External id +order 4711$/m)
    expect(found.stdout).toContain(made.key)
    expect(none.stdout).not.toContain(made.key)
    const update = ['license', 'update', ...store, made.key, '--external-id']
    expect(await keyslotJson(...update, 'order 4712')).toMatchObject({ externalId: 'order 4712' })
    expect(await keyslotJson(...update, 'none')).toMatchObject({ externalId: null })
    expect(await keyslot(...update, 'x'.repeat(257))).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('keyslot license delete', () => {
  it('deletes what is meant', async () => {
    const { key } = await keyslotJson<LicenseJson>('license', 'create', ...store)
    expect(await keyslot('license', 'delete', ...store, key, '--yes')).toEqual({
      code: 0,
      stdout: `${key} is deleted.\n`,
      stderr: '',
    })
    expect(await keyslot('license', 'delete', ...store, key, '--yes')).toEqual(refused(1, 'There is no such license'))
  })
})

describe('keyslot product version', () => {
  it('creates, lists, updates, and ties licenses to it', async () => {
    const create = ['product', 'version', 'create', ...store]
    const made = await keyslotJson<VersionJson>(...create, '2.1.0', '--description', 'Export to PDF')
    expect(made).toMatchObject({ version: '2.1.0', description: 'Export to PDF', active: true })

    const license = await keyslotJson<LicenseJson>('license', 'create', ...store, '--product-version', '2.1.0')
    expect(license).toMatchObject({ versionId: made.id, version: { version: '2.1.0' } })
    const shown = await keyslot('license', 'show', ...store, license.key)
    expect(shown.stdout).toMatch(new RegExp(`^Version +2\\.1\\.0 \\(${made.id}\\)$`, 'm'))

    const changes = ['--rename', '2.1.1', '--description', 'none', '--deactivate']
    expect(await keyslotJson('product', 'version', 'update', ...store, '2.1.0', '--product', '1', ...changes)).toEqual({
      ...made,
      version: '2.1.1',
      description: null,
      active: false,
    })
    expect((await keyslot('product', 'version', 'list', ...store)).stdout).toMatch(
      new RegExp(`^VERSION +ID +STATUS +MADE +DESCRIPTION\n2\\.1\\.1 +${made.id} +inactive `),
    )

    const update = ['license', 'update', ...store, license.key, '--product-version']
    const [inactive, unknown, none] = await Promise.all([
      keyslot(...update, '2.1.1'),
      keyslot(...update, '9'),
      keyslotJson(...update, 'none'),
    ])
    expect(inactive).toEqual(refused(1, 'Version 2.1.1 is inactive: no license can be tied to it any more'))
    expect(unknown).toEqual(refused(1, 'There is no version 9; keyslot product version list shows those there are'))
    expect(none).toMatchObject({ versionId: null, version: null })
  })
})
