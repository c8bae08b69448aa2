import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as client from 'keyslot/client'
import * as protocol from 'keyslot/protocol'
import * as server from 'keyslot/server'
import * as storage from 'keyslot/storage'
import * as postgres from 'keyslot/storage/postgres'
import * as sqlite from 'keyslot/storage/sqlite'
import * as testing from 'keyslot/testing'
import { describe, expect, it } from 'vitest'
import { ENTRIES, type Entry, type EntryNames, PublicApi } from './public-api'

const NAMES_FILE = fileURLToPath(new URL('api-names.json', import.meta.url))
const ANYS_FILE = fileURLToPath(new URL('../../src/anys.ts', import.meta.url))

/** Types with an `any` in each place a type can have one, and two that have none. */
const ANYS = `
export interface Property { readonly inside: any }
export interface Nested { readonly deep: readonly { readonly inside: any }[] }
export interface Indexed { readonly [key: string]: any }
export interface Method { run(input: any): void }
export type Plain = any
export type Argument = Promise<any>
export type Either = { readonly inside: any } | string
export function returning() { return JSON.parse('1') }
export class Constructed { constructor(readonly value: string, input: any) { void input } }
export interface Clean { readonly value: unknown; readonly self: Clean; read(): Promise<string> }
export const clean = new Map<string, Clean>()
`

const modules: Readonly<Record<Entry, object>> = {
  'keyslot/server': server,
  'keyslot/client': client,
  'keyslot/storage': storage,
  'keyslot/storage/sqlite': sqlite,
  'keyslot/storage/postgres': postgres,
  'keyslot/testing': testing,
  'keyslot/protocol': protocol,
}

const names: Readonly<Record<string, EntryNames>> = JSON.parse(readFileSync(NAMES_FILE, 'utf8'))
const entries = Object.entries(ENTRIES) as [Entry, string][]
const api = new PublicApi(new Map([[ANYS_FILE, ANYS]]))

describe('the names of the public API', () => {
  it('are listed in api-names.json; `npm run write:api-names` writes it', () => {
    expect(Object.fromEntries(entries.map(([entry, path]) => [entry, api.namesOf(path)]))).toEqual(names)
  })

  it.each(entries)('of %s that have a value are there at run time', (entry) => {
    expect(Object.keys(modules[entry]).sort()).toEqual(names[entry]?.values)
  })

  it('of keyslot/server are few enough to read', () => {
    const { values = [], types = [] } = names['keyslot/server'] ?? {}
    expect(values.length + types.length).toBeLessThanOrEqual(60)
  })
})

describe('no type of the public API is any', () => {
  it.each(entries)('%s', (_entry, path) => {
    expect(api.anysOf(path)).toEqual([])
  })

  it('is a sentence that can fail', () => {
    expect(api.anysOf('src/anys.ts')).toEqual([
      'Argument<>',
      'Constructed(input)',
      'Either.inside',
      'Indexed[]',
      'Method.run(input)',
      'Nested.deep<>.inside',
      'Plain',
      'Property.inside',
      'returning()',
    ])
  })
})
