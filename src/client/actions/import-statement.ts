import { check } from '../check/check'
import type { KitContext } from '../kit-context'
import { statementRefusal } from '../trust/statement-payload'
import type { LicenseCheck } from '../words/license-check'
import { takeStatements } from './take-statements'

/** Takes a statement that a person brought; see `LicenseKit.importStatement`. */
export async function importStatement(context: KitContext, textOrBytes: string | Uint8Array): Promise<LicenseCheck> {
  await takeStatements(context, textOf(textOrBytes))
  return await check(context)
}

function textOf(given: unknown): string {
  if (typeof given === 'string') return given
  if (given instanceof Uint8Array) return new TextDecoder().decode(given)
  throw statementRefusal('STATEMENT_MALFORMED')
}
