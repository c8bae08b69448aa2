import { LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { type RevocationList, verifyRevocationList } from '../trust/revocation-list'
import { isUntrusted } from '../trust/signed-payload'

/** Only `refresh()` and `importRevocationList()` need these sentences, so they are loaded with this file. */
const SENTENCES = {
  REVOCATION_LIST_MALFORMED: 'The file is no revocation list of this vendor.',
  REVOCATION_LIST_UNTRUSTED: 'The revocation list is not genuine, or signed with a key this app does not know.',
  REVOCATION_LIST_OUTDATED: 'The revocation list is older than the one already known.',
} as const

/**
 * Takes a signed revocation list and the time that it proves. From then on `check()` judges the stored license by both.
 *
 * @throws {LicenseError} REVOCATION_LIST_MALFORMED when the text is no revocation list of this issuer;
 * REVOCATION_LIST_UNTRUSTED when no trusted key has signed it with EdDSA, with the TOKEN_… error that says why as `cause`;
 * REVOCATION_LIST_OUTDATED when a newer list is known
 */
export async function takeRevocationList(context: KitContext, text: string): Promise<void> {
  const { cache, revocations } = context
  const list = await verify(context, text.trim())
  const { iat } = await revocations.take((known) => {
    if (list.version < (known?.version ?? 0)) throw listRefusal('REVOCATION_LIST_OUTDATED')
    return list
  })
  await cache.update((found) => {
    if (found.kind !== 'activation') return undefined
    const { highestTimeSeen, provenTime = 0 } = found.activation
    if (iat <= provenTime) return undefined
    const times = { highestTimeSeen: Math.max(highestTimeSeen, iat), provenTime: iat }
    return { kind: 'activation', activation: { ...found.activation, ...times } }
  })
}

async function verify({ config, trustedKeys }: KitContext, text: string): Promise<RevocationList> {
  return await verifyRevocationList(text, await trustedKeys.current(), config.issuer).catch((cause: unknown) => {
    throw listRefusal(isUntrusted(cause) ? 'REVOCATION_LIST_UNTRUSTED' : 'REVOCATION_LIST_MALFORMED', cause)
  })
}

/** The error for a list that is not taken. */
export function listRefusal(code: keyof typeof SENTENCES, cause?: unknown): LicenseError {
  return new LicenseError(code, SENTENCES[code], { cause })
}
