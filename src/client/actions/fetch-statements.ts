import { writeAtomically } from '../../files/atomic-file'
import { MAX_STATEMENTS_LENGTH } from '../../protocol'
import { fileIn } from '../files/newest-file'
import { readSmallFile } from '../files/read-small-file'
import type { KitContext } from '../kit-context'
import type { Answer } from '../wire/answer'
import { download } from '../wire/download'
import { heldClaims } from './held-claims'
import { takeStatements } from './take-statements'
import { isUnknown } from './verdict'

const LOOK_EVERY_MS = 3_600_000
/** Of all processes of the app: when they asked last, in milliseconds since 1970, by this computer's clock. */
const ASKED_FILE = 'statements-asked'

/**
 * Asks the second address for statements, where no license server has answered, or one that knows neither this app nor the
 * license that is held here; at most once an hour. Best effort: a bad network or text throws nothing and changes nothing.
 *
 * @param answer what the server has answered
 * @param remainingMs bounds the wait. Where it is over, nobody waits, and the next request goes by what comes.
 */
export async function askElsewhere(context: KitContext, answer: Answer, remainingMs: number): Promise<void> {
  if (!(await isLost(context, answer)) || !(await claimLook(context))) return
  const asking = fetchStatements(context, remainingMs > 0 ? remainingMs : context.config.tryTimeoutMs)
  if (remainingMs > 0) await asking
}

async function isLost(context: KitContext, answer: Answer): Promise<boolean> {
  if (answer.kind === 'success') return false
  if (answer.code === 'SERVER_UNREACHABLE' || answer.code === 'INVALID_ACCESS_TOKEN') return true
  return isUnknown(answer.code) && (await heldClaims(context)) !== undefined
}

async function fetchStatements(context: KitContext, totalTimeoutMs: number): Promise<void> {
  const { config } = context
  if (config.statementsUrl === undefined) return
  try {
    const source = { ...config, serverUrl: config.statementsUrl }
    await takeStatements(context, await download(source, '', MAX_STATEMENTS_LENGTH, totalTimeoutMs))
  } catch {
    // The next look asks again.
  }
}

/** @returns whether an hour has passed since the last look; this one counts from now on */
async function claimLook(context: KitContext): Promise<boolean> {
  const statements = await context.statements()
  const { lastLook = Number.NEGATIVE_INFINITY } = statements
  if (performance.now() - lastLook < LOOK_EVERY_MS) return false
  statements.lastLook = performance.now()
  const file = fileIn(context.dataDir, ASKED_FILE)
  if (file === undefined) return true
  const now = context.config.now().getTime()
  const askedAt = Number(await readSmallFile(file).catch(() => 0))
  // A time to come was written by a wrong clock.
  if (now - askedAt >= 0 && now - askedAt < LOOK_EVERY_MS) return false
  await writeAtomically(file, `${now}\n`).catch(() => undefined)
  return true
}
