import { isLicenseError, LicenseError } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'
import { retry } from '../../waiting/retry'
import type { KitContext } from '../kit-context'
import { pauseAfter } from '../wire/post-with-retries'
import { downloadFromServer } from './server-address'

/** The limits for asking the server about a key. */
export interface Asking {
  readonly totalTimeoutMs: number
  readonly maxTries: number
}

const KEY_SET_PATH = '/.well-known/jwks.json'
const MAX_BYTES = 1_048_576

/** Every `kid` of ours is a SHA-256 in base64url. */
const KEY_ID = /^[\w-]{43}$/

/**
 * Fetches the server's key set and takes the statements in it. A key that the set lists is not trusted because of that.
 * Best effort: a bad network or answer throws nothing, but leaves its reason in `trustedKeys.lastProblem`.
 *
 * @param kid the key that is looked for. It becomes part of the URL, since a cache on the way may hold an answer from before
 * the key existed.
 * @returns the `kid`s that the set lists, not verified
 */
export async function fetchKeySet(
  context: KitContext,
  totalTimeoutMs: number,
  kid?: string,
): Promise<readonly unknown[]> {
  const { trustedKeys } = context
  trustedKeys.lastLook = performance.now()
  try {
    const path = kid === undefined ? KEY_SET_PATH : `${KEY_SET_PATH}?kid=${kid}`
    const { kids, statements } = parseKeySet(await downloadFromServer(context, path, MAX_BYTES, totalTimeoutMs))
    if (statements !== undefined) await trustedKeys.take(statements)
    trustedKeys.lastProblem = null
    return kids
  } catch (error) {
    trustedKeys.lastProblem = isLicenseError(error) ? error.code : 'SERVER_UNREACHABLE'
    return []
  }
}

/**
 * Asks for a key until the server vouches for it, within the time and tries allowed. While several servers restart one after
 * the other, the first one that answers may not know the key yet.
 *
 * @returns whether the key is trusted now
 */
export async function learnKey(
  context: KitContext,
  kid: string,
  { totalTimeoutMs, maxTries }: Asking,
): Promise<boolean> {
  if (!KEY_ID.test(kid)) return false
  const deadline = performance.now() + totalTimeoutMs
  const ask = async () => {
    const listed = await fetchKeySet(context, Math.max(1, deadline - performance.now()), kid)
    const isTrusted = (await context.trustedKeys.current()).find(kid) !== undefined
    return { isTrusted, isListed: listed.includes(kid) }
  }
  const { isTrusted } = await retry(ask, {
    afterValue(answer, attempt) {
      // A server that lists the key has said all that it has to say about it.
      if (answer.isTrusted || answer.isListed || attempt >= maxTries) return undefined
      const pauseMs = pauseAfter(undefined, attempt, context.random) ?? 0
      return performance.now() + pauseMs < deadline ? pauseMs : undefined
    },
  })
  return isTrusted
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
