import { isLicenseError, LicenseError } from '../../protocol/license-error'

/** A serialization failure, a deadlock: somebody is at the same rows, and should get ahead before the step is done again. */
const IN_THE_WAY = new Set(['40001', '40P01'])

/**
 * Faults that can pass: the connection (08), what it was asked under (25006: a standby takes no writes), rights and names
 * while a database is being set up are not among them; memory, disk, connections (53), an operator's stop or a time limit (57), a
 * lock (55), the disk's own faults (58), a session that the server has ended for being idle in a transaction, or in it too long (25P03, 25P04).
 */
const PASSING = /^(08|53|57|58|55P03|25006|25P0[34]|40)/

/** What whoever sets a database up wants to read; anything else is named by its state alone. */
const REASONS: Readonly<Record<string, string>> = {
  '28P01': 'the user name or the password is wrong',
  '28000': 'this user may not connect from here',
  '3D000': 'there is no database of this name',
  '42501': 'the user lacks a right',
}

/** True when the step may be tried again, a little later: nothing of it happened. */
export function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.has(sqlState(error) ?? '')
}

/** True after an error that leaves a connection of no use, or in doubt: all but those the server itself reports. */
export function losesConnection(error: unknown): boolean {
  return !/^(?!08|57P|25P0[34])[0-9A-Z]{5}$/.test(sqlState(error) ?? '')
}

/**
 * What to throw for an error of pg's. Never the error itself: its detail holds values of rows, license keys among them.
 * STORAGE_UNAVAILABLE where trying again may help, a plain error else.
 */
export function toStorageError(error: unknown): unknown {
  const state = sqlState(error)
  if (state === undefined) {
    const fault = connectionFault(error)
    return fault === undefined ? error : unavailable(fault)
  }
  if (PASSING.test(state)) return unavailable(state)
  const reason = REASONS[state]
  if (reason !== undefined) return new Error(`The PostgreSQL database refuses: ${reason} (${state})`)
  const constraint = nameIn(error, 'constraint')
  return new Error(`PostgreSQL refused a statement (${constraint === undefined ? state : `${state}, ${constraint}`})`)
}

export function unavailable(reason: string): LicenseError {
  return new LicenseError('STORAGE_UNAVAILABLE', `The PostgreSQL database cannot answer now (${reason})`, {
    detail: { retryAfterSeconds: 1 },
  })
}

/** The five characters by which PostgreSQL names what went wrong; undefined for an error that is not the server's. */
export function sqlState(error: unknown): string | undefined {
  const code = nameIn(error, 'code')
  return code !== undefined && nameIn(error, 'severity') !== undefined ? code : undefined
}

/** What pg says of a connection that it has lost, could not get, or has given up; without a code. */
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout expired|timeout exceeded|Query read timeout|Client (has|was)|Cannot use a pool)/

/**
 * Names a fault of the driver's or the socket's, such as ECONNREFUSED: messages may hold the address or the user. Undefined
 * for any other error.
 */
function connectionFault(error: unknown): string | undefined {
  if (isLicenseError(error)) return undefined
  const message = String((error as Error | undefined)?.message)
  return nameIn(error, 'code') ?? (CONNECTION_MESSAGE.test(message) ? 'no connection' : undefined)
}

function nameIn(error: unknown, property: 'code' | 'severity' | 'constraint'): string | undefined {
  const value = (error as Partial<Record<typeof property, unknown>> | undefined)?.[property]
  return typeof value === 'string' && value !== '' ? value : undefined
}
