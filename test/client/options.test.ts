import { describe, expect, it } from 'vitest'
import { createLicenseKit, isLicenseError, type LicenseKitOptions } from '../../src/client'
import { resolveDataDir } from '../../src/client/files/data-dir'
import { parseOptions } from '../../src/client/options'
import { createSigningKey, PRODUCT_ID } from './token-factory'

const OPTIONS: LicenseKitOptions = {
  serverUrl: 'https://example.test/licensing/',
  productId: PRODUCT_ID,
  accessToken: 'pk_test',
  trustedKeys: [createSigningKey().jwk],
  appName: 'acme-editor',
}

describe('parseOptions', () => {
  it('completes what is absent or undefined', () => {
    const config = parseOptions({ ...OPTIONS, issuer: undefined, maxTries: undefined })
    expect(config).toMatchObject({
      serverUrl: 'https://example.test/licensing',
      issuer: 'keyslot',
      tryTimeoutMs: 5_000,
      totalTimeoutMs: 15_000,
      maxTries: 3,
      deactivateTimeoutMs: 3_000,
      allowPlainHttp: false,
    })
  })

  it.each<[string, object]>([
    ['an unknown option', { serverURL: 'x' }],
    ['no URL', { serverUrl: 'example.test' }],
    ['another scheme', { serverUrl: 'ftp://example.test' }],
    ['credentials in the URL', { serverUrl: 'https://a:b@example.test' }],
    ['a query in the URL', { serverUrl: 'https://example.test/?a=1' }],
    ['an empty product', { productId: '' }],
    ['a secret token', { accessToken: 'at_secret' }],
    ['a token with a line break', { accessToken: 'pk_a\r\nx: y' }],
    ['no keys', { trustedKeys: [] }],
    ['an app name that climbs', { appName: '../acme' }],
    ['an app name with a slash', { appName: '@acme/editor' }],
    ['a device name', { appName: 'con' }],
    ['a trailing dot', { appName: 'acme.' }],
    ['a long hostId', { hostId: 'x'.repeat(65) }],
    ['a hostId beyond ASCII', { hostId: 'höst' }],
    ['no time', { tryTimeoutMs: 0 }],
    ['endless time', { totalTimeoutMs: Number.POSITIVE_INFINITY }],
    ['a fetch that is none', { fetch: 'fetch' }],
    ['a clock that is none', { now: NaN }],
  ])('refuses %s', (_, changes) => {
    expect(() => createLicenseKit({ ...OPTIONS, ...changes } as LicenseKitOptions)).toThrow(TypeError)
  })

  it('plain http only to loopback, or under its ugly name', () => {
    for (const host of ['localhost:3000', '127.0.0.1', '127.8.8.8', '[::1]:3000']) {
      expect(() => parseOptions({ ...OPTIONS, serverUrl: `http://${host}/x` })).not.toThrow()
    }
    for (const host of [
      'example.test',
      '127.0.0.1.example.test',
      '10.0.0.1',
      '0.0.0.0',
      '[::2]',
      'localhost.example.test',
    ]) {
      const serverUrl = `http://${host}/x`
      let thrown: unknown
      try {
        parseOptions({ ...OPTIONS, serverUrl })
      } catch (error) {
        thrown = error
      }
      expect(isLicenseError(thrown, 'INSECURE_SERVER_URL'), host).toBe(true)
      expect(parseOptions({ ...OPTIONS, serverUrl, dangerouslyAllowPlainHttp: true }).serverUrl).toBe(serverUrl)
    }
  })
})

describe('resolveDataDir', () => {
  const on = (platform: NodeJS.Platform, env: Record<string, string>, homedir = () => '/home/ada') =>
    resolveDataDir('acme', undefined, { platform, env, homedir })
  const throwing = () => {
    throw new Error('no passwd entry')
  }

  it.each<[string, string | undefined, string | undefined]>([
    ['XDG', on('linux', { XDG_DATA_HOME: '/data' }), '/data/acme/keyslot'],
    ['a relative XDG is ignored', on('linux', { XDG_DATA_HOME: 'data' }), '/home/ada/.local/share/acme/keyslot'],
    ['Linux', on('linux', {}), '/home/ada/.local/share/acme/keyslot'],
    ['macOS', on('darwin', {}), '/home/ada/Library/Application Support/acme/keyslot'],
    ['Windows', on('win32', { LOCALAPPDATA: '/appdata' }), '/appdata/acme/keyslot'],
    ['Windows without LOCALAPPDATA', on('win32', {}), '/home/ada/AppData/Local/acme/keyslot'],
    ['an empty home', on('linux', {}, () => ''), undefined],
    ['a home that throws', on('linux', {}, throwing), undefined],
    ['a home that throws, with XDG', on('linux', { XDG_DATA_HOME: '/data' }, throwing), '/data/acme/keyslot'],
  ])('%s', (_, resolved, expected) => {
    expect(resolved).toBe(expected)
  })
})
