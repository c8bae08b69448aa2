import { isCanonicalKey } from '../../domain/license-key'
import { canonicalKey, looseForm, pastedKeys } from '../../protocol/license-key-text'
import type { Call, ServiceContext } from './context'

/** Fewer characters are no key that was made here, however it is read. */
const SHORTEST = 16

/**
 * The license key that somebody means whose text is none: without the label and the marks around it; then without
 * separators and with look-alikes folded, where that is one key of at least 80 random bits. No other key, of a license that
 * is there or was deleted, is read as that by chance.
 *
 * @returns undefined where it means none
 */
export async function findPastedKey(
  { store }: ServiceContext,
  { accountId }: Pick<Call, 'accountId'>,
  text: string,
): Promise<string | undefined> {
  const tried = canonicalKey(text)
  const candidates = [...new Set(pastedKeys(text))]
  for (const key of candidates.filter((one) => one !== tried && isCanonicalKey(one))) {
    const found = await store.findLicense(accountId, key)
    if (found.kind === 'found') return key
  }
  const forms = [...new Set(candidates.map(looseForm))].filter(({ length }) => length >= SHORTEST)
  for (const form of forms.filter(isCanonicalKey)) {
    const license = await store.findLicenseByLooseForm(accountId, form)
    if (license !== null && license.canonicalKey !== tried) return license.canonicalKey
  }
  return undefined
}
