import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { losesConnection, toStorageError } from '../../src/storage/postgres/failures'

const ofServer = (code: string) => Object.assign(new Error('of the server'), { code, severity: 'FATAL' })

describe('an error of PostgreSQL', () => {
  it.each([
    ['25P03', 'a session that was idle in a transaction for too long'],
    ['25P04', 'a transaction that took too long'],
    ['57P01', 'a server that is stopped'],
    ['08006', 'a connection that broke'],
  ])('%s, %s, costs the connection, and passes', (code) => {
    expect(losesConnection(ofServer(code))).toBe(true)
    expect(toStorageError(ofServer(code))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  it.each(['23505', '25P02', '42601'])('%s costs no connection, and does not pass', (code) => {
    expect(losesConnection(ofServer(code))).toBe(false)
    expect(toStorageError(ofServer(code))).not.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  it('is known by its code where it is of another realm, as under Jest', () => {
    const refused: unknown = runInNewContext("Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })")
    expect(refused).not.toBeInstanceOf(Error)
    expect(toStorageError(refused)).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })
})
