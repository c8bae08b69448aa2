import { describe, expect, it } from 'vitest'
import { DEFAULT_STORAGE, describeLocation, keyringSourceOf, parseStorage } from '../../src/cli/storage-location'

describe('--storage', () => {
  it('names a store and where its keys are', () => {
    expect(parseStorage('memory')).toEqual({ kind: 'memory' })
    expect(parseStorage('sqlite::memory:')).toEqual({ kind: 'memory' })
    expect(parseStorage('sqlite:data/x.db')).toEqual({ kind: 'sqlite', file: 'data/x.db' })
    expect(keyringSourceOf(parseStorage('sqlite:data/x.db'), {})).toBe('data/x.db.keys.json')
    expect(keyringSourceOf(parseStorage('postgres://db/licenses'), {})).toBe('licensing-keys.json')
    expect(keyringSourceOf(parseStorage('sqlite:data/x.db'), { keys: 'keys.json' })).toBe('keys.json')
    expect(keyringSourceOf(parseStorage('sqlite:data/x.db'), { keysEnv: 'KEYS' })).toEqual({ env: 'KEYS' })
    expect(keyringSourceOf(parseStorage('memory'), {})).toBeUndefined()
  })

  it.each([
    [DEFAULT_STORAGE, 'licensing-keys.json'],
    ['sqlite:licenses.db', 'licensing-keys.json'],
    ['sqlite:./licenses.db', 'licensing-keys.json'],
    ['sqlite:/srv/acme/licenses.db', '/srv/acme/licensing-keys.json'],
    ['sqlite:my-licenses.db', 'my-licenses.db.keys.json'],
    ['sqlite:licenses.db/store.db', 'licenses.db/store.db.keys.json'],
  ])('has the keys of %s in %s', (text, keyring) => {
    expect(keyringSourceOf(parseStorage(text), {})).toBe(keyring)
  })

  it.each([
    ['postgres://u:p@db:5433/licenses', 'postgres://u:p@db:5433/licenses', undefined],
    ['postgresql://db/licenses?schema=vendor_1', 'postgresql://db/licenses', 'vendor_1'],
    ['postgres://u@db/x?sslmode=verify-full&schema=a%20b', 'postgres://u@db/x?sslmode=verify-full', 'a b'],
    ['postgres://db/x?schema=a&options=-c%20jit%3Doff', 'postgres://db/x?options=-c%20jit%3Doff', 'a'],
    ['postgres://u:p@/x?host=/run/postgresql', 'postgres://u:p@/x?host=/run/postgresql', undefined],
    ['postgres://%2Frun%2Fpostgresql/x', 'postgres://%2Frun%2Fpostgresql/x', undefined],
    ['postgres:///x?schema=a', 'postgres:///x', 'a'],
  ])('takes the schema from %s and leaves the rest as it is', (text, connectionString, schema) => {
    expect(parseStorage(text)).toEqual({ kind: 'postgres', connectionString, schema })
  })

  it('is shown without user and password', () => {
    const shown = (text: string) => describeLocation(parseStorage(text))
    expect(shown('postgres://u:hunter2@db:5433/x?password=hunter2&schema=a%20b')).toBe(
      'postgres://db:5433/x?schema=a%20b',
    )
    expect(shown('postgres://u:hunter2@/x?host=/run/postgresql')).toBe('postgres://localhost/x')
    expect(shown('sqlite:/var/lib/x.db')).toBe('/var/lib/x.db')
  })

  it.each([
    '',
    'sqlite:',
    'x.db',
    'sqlite://x.db',
    'mysql://u:hunter2@db',
    'postgres:u:hunter2@db',
    'postgres://u:hunter2/@db/x',
    'postgres://u:hunter2#@db/x',
    'postgres://u:hunter2@db:port/x',
    'postgres://u:hunter2@db/x?schema=',
  ])('refuses %j, without repeating a password', (text) => {
    expect(() => parseStorage(text)).toThrow(expect.objectContaining({ name: 'UsageError' }))
    expect(() => parseStorage(text)).not.toThrow(/hunter2/)
  })
})
