import type BetterSqlite3 from 'better-sqlite3'
import { codeOf } from '../../files/error-code'
import { LicenseError } from '../../protocol/license-error'
import { peerFailure } from '../missing-peer'

export type Database = BetterSqlite3.Database
export type Driver = typeof BetterSqlite3

const INSTALL = 'npm install better-sqlite3@12'

/**
 * Loads the optional peer only when a store is opened, so that hosts on another database need not have it.
 * @throws {LicenseError} PEER_MISSING when it is not installed
 */
export async function loadDriver(
  importDriver: () => Promise<{ readonly default: Driver }> = () => import('better-sqlite3'),
): Promise<Driver> {
  try {
    return (await importDriver()).default
  } catch (cause) {
    throw peerFailure(cause, 'better-sqlite3', `The SQLite storage needs the package better-sqlite3: ${INSTALL}`)
  }
}

/**
 * What opening threw, when it was the driver's compiled part that could not be loaded: its JavaScript is there, but
 * install scripts were off, or it was built for another version of Node.
 */
export function asDriverError(error: unknown): unknown {
  const isUnbound = String((error as Error).message).startsWith('Could not locate the bindings file')
  if (codeOf(error) !== 'ERR_DLOPEN_FAILED' && !isUnbound) return error
  return new LicenseError(
    'PEER_MISSING',
    `better-sqlite3 is installed, but its compiled part does not load; run: npm rebuild better-sqlite3, or ${INSTALL}`,
    { cause: error },
  )
}
