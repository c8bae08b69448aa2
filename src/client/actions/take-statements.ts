import { isLicenseError, KEY_STATEMENT_TYP, type LicenseError, MAX_STATEMENTS_LENGTH } from '../../protocol'
import { timeNow } from '../check/time-now'
import type { KitContext } from '../kit-context'
import { statementRefusal } from '../trust/statement-payload'
import { typeOf } from '../trust/statements'
import { refillBudget } from './refill-budget'

/** More than the command line ever writes, for several products. */
const MAX_LINES = 200

/**
 * Takes statements, one per line: bridges, statements of a move, and what the keys say of each other. A line of no use takes
 * nothing away from the others.
 *
 * @throws {LicenseError} STATEMENT_MALFORMED, STATEMENT_UNTRUSTED or STATEMENT_OUTDATED when no line could be taken
 */
export async function takeStatements(context: KitContext, text: string): Promise<void> {
  const lines = text.length > MAX_STATEMENTS_LENGTH ? [] : text.split('\n', MAX_LINES).map((line) => line.trim())
  const ofKeys: string[] = []
  const others: string[] = []
  for (const line of lines) {
    if (line !== '') (typeOf(line) === KEY_STATEMENT_TYP ? ofKeys : others).push(line)
  }
  // They are signed themselves. When they are of no use, the known keys judge the statements.
  if (ofKeys.length > 0) await context.trustedKeys.take(ofKeys).catch(() => undefined)
  let problem: LicenseError | undefined
  let taken = 0
  for (const line of others) {
    try {
      await takeOne(context, line)
      taken++
    } catch (error) {
      if (!isLicenseError(error)) throw error
      problem ??= error
    }
  }
  if (taken === 0) throw problem ?? statementRefusal('STATEMENT_MALFORMED')
}

async function takeOne(context: KitContext, line: string): Promise<void> {
  const { cache, config, revocations } = context
  const { state } = await cache.read()
  const highestTimeSeen = state.kind === 'activation' ? state.activation.highestTimeSeen : 0
  const knownTime = Math.max(timeNow(context), highestTimeSeen)
  const bridge = await (await context.statements()).take(line, config.serverUrl, knownTime)
  if (bridge === undefined) return
  await refillBudget(context, bridge)
  if (bridge.lists.lists.length === 0) return
  await revocations.take(bridge.lists)
  // The same activation in another cache state: other processes look at the lists again.
  await cache.update((found) => (found.kind === 'activation' ? { ...found } : undefined))
}
