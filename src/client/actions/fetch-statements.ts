import { writeAtomically } from '../../files/atomic-file'
import { isLicenseError, MAX_STATEMENTS_LENGTH } from '../../protocol'
import { withTimeout } from '../../waiting/with-timeout'
import { fileIn } from '../files/newest-file'
import { readSmallFile } from '../files/read-small-file'
import type { KitContext } from '../kit-context'
import type { Answer } from '../wire/answer'
import { download } from '../wire/download'
import { NOBODY_ANSWERED } from '../wire/unanswered'
import { heldClaims } from './held-claims'
import { takeStatements } from './take-statements'
import { isUnknown } from './verdict'

const LOOK_EVERY_MS = 3_600_000
/** After a look that brought nothing of the vendor's: a sign-in page, no network, no file yet. */
const LOOK_AGAIN_MS = 300_000
/**
 * Of all processes of the app: when they asked last, in milliseconds since 1970, by this computer's clock. It is written after
 * the look, so a process that exits before has not looked; after a look in vain it names an earlier time.
 */
const ASKED_FILE = 'statements-asked'

/**
 * Asks the second address for statements, once an hour at most, or five minutes after a look in vain. Calls at one time share
 * one look. Best effort: a bad network or text throws nothing and changes nothing.
 *
 * @param remainingMs bounds the wait. Where it is over, nobody waits, and the next request goes by what comes.
 */
export async function askElsewhere(context: KitContext, remainingMs: number): Promise<void> {
  const statements = await context.statements()
  statements.looking ??= look(context).finally(() => {
    statements.looking = undefined
  })
  const { looking } = statements
  if (remainingMs > 0) await withTimeout(() => looking, remainingMs).catch(() => undefined)
}

/** Whether an answer says that no license server is there, or one that knows neither this app nor the license held here. */
export async function isLost(context: KitContext, answer: Answer): Promise<boolean> {
  if (answer.kind === 'success') return false
  if (NOBODY_ANSWERED.includes(answer.code) || answer.code === 'INVALID_ACCESS_TOKEN') return true
  return isUnknown(answer.code) && (await heldClaims(context)) !== undefined
}

async function look(context: KitContext): Promise<void> {
  const statements = await context.statements()
  if (performance.now() < statements.nextLook) return
  const file = fileIn(context.dataDir, ASKED_FILE)
  const now = context.config.now().getTime()
  const askedAt = file === undefined ? 0 : Number(await readSmallFile(file).catch(() => 0))
  // A time to come was written by a wrong clock.
  if (now - askedAt >= 0 && now - askedAt < LOOK_EVERY_MS) return
  const pauseMs = (await fetchStatements(context)) ? LOOK_EVERY_MS : LOOK_AGAIN_MS
  statements.nextLook = performance.now() + pauseMs
  if (file === undefined) return
  await writeAtomically(file, `${now - (LOOK_EVERY_MS - pauseMs)}\n`).catch(() => undefined)
}

/** @returns whether something genuine came, known or not */
async function fetchStatements(context: KitContext): Promise<boolean> {
  const { config } = context
  if (config.statementsUrl === undefined) return false
  try {
    const source = { ...config, serverUrl: config.statementsUrl }
    await takeStatements(context, await download(source, '', MAX_STATEMENTS_LENGTH, config.tryTimeoutMs))
    return true
  } catch (error) {
    return isLicenseError(error, 'STATEMENT_OUTDATED')
  }
}
