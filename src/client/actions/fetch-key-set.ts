import { setTimeout as sleep } from 'node:timers/promises'
import { isLicenseError, LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { parseJson } from '../store/cache-record'
import { download } from '../wire/download'
import { pauseAfter } from '../wire/transport'
import { isRecord } from '../words/claims'
import type { Asking } from './with-server-keys'

const KEY_SET_PATH = '/.well-known/jwks.json'
const MAX_BYTES = 1_048_576

/** Every `kid` of ours is a SHA-256. */
const KEY_ID = /^[\w-]{43}$/

/**
 * Fetches the server's key set and takes the statements in it; the keys it lists by themselves count for nothing. Best
 * effort: never throws for what the network or the answer is like, but leaves the reason in `trustedKeys.lastProblem`.
 *
 * @param kid the key it is asked for: a cache on the way may hold an answer that was given before there was such a key
 * @returns the `kid`s it lists, as it says
 */
export async function fetchKeySet(
  context: KitContext,
  totalTimeoutMs: number,
  kid?: string,
): Promise<readonly unknown[]> {
  const { config, trustedKeys } = context
  trustedKeys.lastLook = performance.now()
  try {
    const path = kid === undefined ? KEY_SET_PATH : `${KEY_SET_PATH}?kid=${kid}`
    const { kids, statements } = parseKeySet(await download(config, path, MAX_BYTES, totalTimeoutMs))
    if (statements !== undefined) {
      const { takeKeyStatements } = await import('../trust/key-set')
      await takeKeyStatements(context, statements)
    }
    trustedKeys.lastProblem = null
    return kids
  } catch (error) {
    trustedKeys.lastProblem = isLicenseError(error) ? error.code : 'SERVER_UNREACHABLE'
    return []
  }
}

/**
 * Asks for a key until the server vouches for it, within the time and tries allowed. Where several servers start anew
 * one after the other, the first to answer may not know the key yet.
 * @returns whether it is trusted now
 */
export async function learnKey(
  context: KitContext,
  kid: string,
  { totalTimeoutMs, maxTries }: Asking,
): Promise<boolean> {
  if (!KEY_ID.test(kid)) return false
  const deadline = performance.now() + totalTimeoutMs
  for (let attempt = 1; ; attempt++) {
    const listed = await fetchKeySet(context, Math.max(1, deadline - performance.now()), kid)
    if ((await context.trustedKeys.current()).find(kid) !== undefined) return true
    const pauseMs = pauseAfter(undefined, attempt, context.random) ?? 0
    // A server that lists the key has said all it has to say of it.
    if (listed.includes(kid) || attempt >= maxTries || performance.now() + pauseMs >= deadline) return false
    await sleep(pauseMs)
  }
}

function parseKeySet(text: string): { readonly kids: readonly unknown[]; readonly statements?: readonly unknown[] } {
  const body = parseJson(text)
  if (!isRecord(body) || !Array.isArray(body.keys)) throw malformed()
  const kids = body.keys.map((key: unknown) => (isRecord(key) ? key.kid : undefined))
  if (body.statements === undefined) return { kids }
  if (!Array.isArray(body.statements)) throw malformed()
  return { kids, statements: body.statements }
}

function malformed(): LicenseError {
  return new LicenseError('KEY_SET_MALFORMED', 'The license server sent no key set.')
}
