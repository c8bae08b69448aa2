import { describe, expect, it } from 'vitest'
import { type Activation, startActivation } from '../../src/domain/activation'
import { type AuthtoolClient, changeAuthtoolClient } from '../../src/domain/authtool-client'
import { chooseLogin, endOfLogin, isAuthtoolLogin } from '../../src/domain/authtool-login'
import { type License, PLAIN_LICENSE } from '../../src/domain/license'
import type { Product } from '../../src/domain/product'
import { hostKey } from './host-key'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

const LICENSE = { ...PLAIN_LICENSE, id: 'lic_1', key: 'KEY-1' } as License
const PRODUCT = { offlineLifetimeSeconds: 1_000, graceSeconds: 100 } as Product
const HOST = { hostId: 'uid', deviceTag: null, address: null, appVersion: null, licensee: null }
const LOGIN: Activation = startActivation(
  LICENSE,
  PRODUCT,
  { ...HOST, id: 'act_1', jti: 'jti_1', authtoolProductId: 'prod_1' },
  0,
  NOW,
)

const TERMS = {
  mode: 'gcm',
  status: 'running',
  version: '',
  updateNote: '',
  downloadUpdateLink: '',
  contactUrl: '',
  isNeedKey: true,
} as const
const CLIENT: AuthtoolClient = { ...TERMS, version: '1', mode: 'ecb', tokenHash: 'hash', sealedKey: 'sealed' }

describe('changeAuthtoolClient', () => {
  it('needs token and key to switch it on, and both stay', () => {
    for (const changes of [{}, { tokenHash: 'h' }, { sealedKey: 's' }, { version: '1' }]) {
      expect(changeAuthtoolClient(null, changes)).toBe('incomplete')
    }
    const on = { tokenHash: 'h', sealedKey: 's' }
    expect(changeAuthtoolClient(null, on)).toEqual({ ...TERMS, ...on })
    expect(changeAuthtoolClient(CLIENT, {})).toEqual(CLIENT)
    expect(changeAuthtoolClient(CLIENT, { version: '2' })).toEqual({ ...CLIENT, version: '2' })
    expect(changeAuthtoolClient(CLIENT, { sealedKey: 's' })).toEqual({ ...CLIENT, sealedKey: 's' })
  })

  it('is switched off by null, and forgets all then', () => {
    expect(changeAuthtoolClient(CLIENT, null)).toBeNull()
    expect(changeAuthtoolClient(null, null)).toBeNull()
  })
})

describe('isAuthtoolLogin', () => {
  it.each<[string, Partial<Activation>, boolean]>([
    ['a host that has logged in', {}, true],
    ['one that was activated in another way', { authtoolProductId: null }, false],
    ["one that another product's app let in", { authtoolProductId: 'prod_2' }, false],
    ['one whose slot rests', { surrenderedAt: NOW }, false],
    ['one that a proof key is bound to', { keys: [hostKey('key-1', NOW, NOW)] }, false],
    ['one whose user has left', { keys: [{ ...hostKey('key-1', NOW, NOW), leftAt: NOW }] }, false],
    ['one whose own time has run out', { expiresAt: later(-1) }, true],
  ])('of %s', (_, changes, expected) => {
    expect(isAuthtoolLogin({ ...LOGIN, ...changes }, 'prod_1')).toBe(expected)
  })
})

describe('chooseLogin', () => {
  const on = (name: string, license: Partial<License> = {}, activation: Partial<Activation> = {}) => ({
    license: { ...LICENSE, key: name, ...license },
    customer: null,
    activation: { ...LOGIN, ...activation },
  })
  const chosen = (...held: readonly ReturnType<typeof on>[]) => chooseLogin(held, 'prod_1', NOW)?.license.key

  it('is the newest of those that serve, else the newest', () => {
    expect(chosen()).toBeUndefined()
    expect(chosen(on('old'), on('new', {}, { activatedAt: later(1) }))).toBe('new')
    for (const ended of [
      on('new', { blocked: true }, { activatedAt: later(1) }),
      on('new', { expiresAt: NOW }, { activatedAt: later(1) }),
      on('new', {}, { activatedAt: later(1), expiresAt: NOW }),
    ]) {
      expect(chosen(on('old'), ended)).toBe('old')
      expect(chosen(on('old', { blocked: true }), ended)).toBe('new')
    }
  })

  it('is none that is no login, however well it serves', () => {
    const bound = on('bound', {}, { keys: [hostKey('key-1', NOW, NOW)] })
    expect(chosen(bound)).toBeUndefined()
    expect(chosen(bound, on('blocked', { blocked: true }))).toBe('blocked')
  })
})

it('a login ends with the time of its host, or of its license', () => {
  const end = (own: Date | null, license: Date | null) =>
    endOfLogin({ license: { ...LICENSE, expiresAt: license }, activation: { ...LOGIN, expiresAt: own } })
  expect([end(null, null), end(NOW, null), end(null, NOW), end(NOW, later(1)), end(later(1), NOW)]).toEqual([
    null,
    NOW,
    NOW,
    NOW,
    NOW,
  ])
})
