import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLicenseKit, type LicenseKit, type PublicJwk } from '../../src/client/index'
import type { LicenseFile } from '../../src/protocol/index'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchFolder, scratchStore } from './scratch-folder'

const { args: store, file: database } = scratchStore()
const folder = scratchFolder()
const offline = () => Promise.reject(new TypeError('fetch failed'))

let trustedKeys: readonly PublicJwk[]
let productId: string

beforeAll(async () => {
  productId = (await keyslotJson<{ id: string }>('product', 'create', ...store, 'Editor')).id
  const shown = await keyslotJson<{ keys: { jwk: PublicJwk }[] }>('keys', 'show', '--keys', `${database}.keys.json`)
  trustedKeys = shown.keys.map(({ jwk }) => jwk)
})

/** The app on a host without network. */
function appOn(hostId: string): LicenseKit {
  return createLicenseKit({
    serverUrl: 'https://license.invalid',
    productId,
    accessToken: `pk_${'a'.repeat(49)}`,
    trustedKeys,
    appName: 'acme-editor',
    dataDir: join(folder, hostId),
    hostId,
    fetch: offline,
  })
}

async function createLicense(...options: string[]): Promise<string> {
  return (await keyslotJson<{ key: string }>('license', 'create', ...store, ...options)).key
}

describe('keyslot sign', () => {
  it('answers the request of a host without network with a file its app takes', async () => {
    const key = await createLicense('--max-activations', '1', '--expires', '2090-01-01')
    const app = appOn('host-1')
    const [request, out] = [join(folder, 'request.json'), join(folder, 'acme.lic')]
    await app.createActivationRequest(key, request)
    writeFileSync(out, 'an older one')
    chmodSync(out, 0o644)

    const signed = await keyslot('sign', request, ...store, '--ttl', '1 year', '--out', out)
    expect(signed).toMatchObject({ code: 0, stderr: '' })
    expect(signed.stdout).toMatch(new RegExp(`^License file +${out}$`, 'm'))
    expect(signed.stdout).toMatch(/^Good until +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/m)
    expect(signed.stdout).toMatch(/^Host +host-1$/m)
    expect(signed.stdout).toMatch(/^App +acme-editor$/m)
    expect(statSync(out).mode & 0o777).toBe(0o600)

    expect(await app.importLicenseFile(out)).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await keyslotJson('license', 'show', ...store, key)).toMatchObject({ activations: [{ hostId: 'host-1' }] })

    const second = join(folder, 'second.json')
    await appOn('host-2').createActivationRequest(key, second)
    expect(await keyslot('sign', second, ...store)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'keyslot: Every activation slot or seat of the license is taken\n',
    })
  })

  it('prints the file where no other place is named, for the license that is named', async () => {
    const key = await createLicense()
    const request = join(folder, 'keyless.json')
    await appOn('host-3').createActivationRequest(undefined, request)
    const endless = await keyslot('sign', request, ...store, '--license', key)
    expect(endless).toEqual({
      code: 2,
      stdout: '',
      stderr: 'keyslot: the license never expires: say with --ttl how long the file is to be good for\n',
    })
    const args = ['sign', request, ...store, '--license', key, '--ttl', '30 days']
    const [shown, json] = [await keyslot(...args), await keyslotJson<LicenseFile>(...args)]
    expect(JSON.parse(shown.stdout)).toMatchObject({ signedKey: key, keyId: trustedKeys[0]?.kid })
    expect(json.signedKey).toBe(key)
    const file = join(folder, 'printed.lic')
    writeFileSync(file, shown.stdout)
    expect(await appOn('host-3').importLicenseFile(file)).toMatchObject({ status: 'valid', reason: 'OK' })
  })

  it('says in one line what is wrong', async () => {
    const key = await createLicense('--expires', '2090-01-01')
    const path = (name: string) => join(folder, name)
    const request = path('fine.json')
    await appOn('host-4').createActivationRequest(key, request)
    const fine = JSON.parse(readFileSync(request, 'utf8')) as Record<string, unknown>
    const write = (name: string, content: unknown) => {
      writeFileSync(path(name), JSON.stringify(content))
      return path(name)
    }
    const nowhere = path('none/acme.lic')
    const faults: readonly (readonly [readonly string[], number, string])[] = [
      [[path('none.json')], 1, `there is no file ${path('none.json')}`],
      [[folder], 1, `${folder} cannot be read (EISDIR)`],
      [[write('list.json', [])], 1, `${path('list.json')}: This is no activation request.`],
      [
        [write('host.json', { ...fine, hostId: '\u001b[2J' })],
        1,
        `${path('host.json')}: The activation request has no usable hostId.`,
      ],
      [
        [write('keyless.json', { ...fine, licenseKey: undefined })],
        2,
        'the request names no license: say which with --license',
      ],
      [
        [write('other.json', { ...fine, productId: 'prod_of_another_store_1' })],
        1,
        'There is no product prod_of_another_store_1; keyslot product list shows those there are',
      ],
      [[request, '--license', 'NO-SUCH-KEY'], 1, 'There is no such license'],
      [[request, '--out', nowhere], 1, `${nowhere} cannot be written (ENOENT)`],
    ]
    const run = async ([args, code, why]: (typeof faults)[number]) => {
      const result = await keyslot('sign', ...args, ...store)
      expect(result).toEqual({ code, stdout: '', stderr: `keyslot: ${why}\n` })
    }
    await Promise.all(faults.map(run))
  })
})
