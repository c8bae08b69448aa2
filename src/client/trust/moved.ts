import { MOVED_TYP } from '../../protocol'
import { isTexts } from '../../protocol/json'
import type { Signed } from '../files/newest-file'
import { assertServerUrl } from '../words/server-url'
import { type Reader, readPayload, statementRefusal } from './statement-payload'

/** A statement that the server has moved, whose signature was verified. */
export interface Moved extends Signed<Moved> {
  readonly iat: number
  /** The server's new address. */
  readonly serverUrl: string
  /** The address that the app named when it took the statement. A release that names another one goes by that. */
  readonly from: string
}

/**
 * Verifies a statement that the server has moved. Pure.
 * @param from the address that the app names
 * @throws {LicenseError} STATEMENT_UNTRUSTED, STATEMENT_MALFORMED, also where it is about another address or product
 */
export async function readMoved(line: string, from: string, reader: Reader): Promise<Moved> {
  const claims = await readPayload(line, MOVED_TYP, reader)
  const { iat, products = [reader.productId] } = claims
  const serverUrl = addressIn(claims.serverUrl, false)
  const isFrom = claims.from === undefined || addressIn(claims.from, true) === from
  if (!isFrom || !isTexts(products) || !products.includes(reader.productId)) {
    throw statementRefusal('STATEMENT_MALFORMED')
  }
  const moved: Moved = {
    text: `${line}\n${from}`,
    iat,
    serverUrl,
    from,
    join: (other) => (replaces(other, moved) ? other : moved),
  }
  return moved
}

/** Reads the file, which holds a statement, and below it the address that the app named then. */
export async function readMovedFile(text: string, reader: Reader): Promise<Moved> {
  const [line = '', from = ''] = text.split('\n', 2)
  return await readMoved(line, from, reader)
}

/** The same statement counts anew only where it was no news to the release that took it. */
function replaces(other: Moved, known: Moved): boolean {
  if (other.iat !== known.iat) return other.iat > known.iat
  return known.from === known.serverUrl && other.from !== known.from && other.serverUrl === known.serverUrl
}

/** An address counts by the rules of the option `serverUrl`; a new one is never plain http beyond this computer. */
function addressIn(stated: unknown, allowPlainHttp: boolean): string {
  try {
    return assertServerUrl(stated, allowPlainHttp)
  } catch (cause) {
    throw statementRefusal('STATEMENT_MALFORMED', cause)
  }
}
