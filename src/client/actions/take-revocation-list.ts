import { LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { listsOf, type RevocationList, verifyRevocationList } from '../trust/revocation-list'
import { isUntrusted } from '../trust/signed-payload'

/** Only `refresh()` and `importRevocationList()` need these sentences, so they are loaded with this file. */
const SENTENCES = {
  REVOCATION_LIST_MALFORMED: 'The file is no revocation list of this vendor for this app.',
  REVOCATION_LIST_UNTRUSTED: 'The revocation list is not genuine, or signed with a key this app does not know.',
} as const

/**
 * Takes a signed revocation list. From then on `check()` judges the stored license by it, beside what earlier lists have said.
 *
 * @throws {LicenseError} REVOCATION_LIST_MALFORMED when the text is no revocation list of this issuer for this product;
 * REVOCATION_LIST_UNTRUSTED when no trusted key has signed it with EdDSA, with the TOKEN_… error that says why as `cause`
 */
export async function takeRevocationList(context: KitContext, text: string): Promise<void> {
  const { cache, config, revocations } = context
  const list = await verify(context, text.trim())
  if (list.product !== null && list.product !== config.productId) throw listRefusal('REVOCATION_LIST_MALFORMED')
  await revocations.take(listsOf([list]))
  // The same activation in another cache state: other processes look at the lists again.
  await cache.update((found) => (found.kind === 'activation' ? { ...found } : undefined))
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
