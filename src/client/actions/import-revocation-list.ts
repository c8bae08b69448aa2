import { check } from '../check/check'
import { readHandedFile } from '../files/read-handed-file'
import type { KitContext } from '../kit-context'
import { MAX_LIST_LENGTH } from '../trust/revocation-list'
import type { LicenseCheck } from '../words/license-check'
import { listRefusal, takeRevocationList } from './take-revocation-list'

/** Every signed list begins with the base64url of `{"` and has two dots. No sensible path looks like that. */
const SIGNED_TEXT = /^\s*eyJ[\w-]*\.[\w-]*\.[^\s/\\]*\s*$/

/** Takes a revocation list that a person brought; see `LicenseKit.importRevocationList`. */
export async function importRevocationList(context: KitContext, pathOrText: string): Promise<LicenseCheck> {
  if (typeof pathOrText !== 'string') throw new TypeError('importRevocationList needs a path or a signed list')
  const isText = pathOrText.length > MAX_LIST_LENGTH || SIGNED_TEXT.test(pathOrText)
  const text = isText ? pathOrText : await readHandedFile(pathOrText, MAX_LIST_LENGTH, tooLarge)
  await takeRevocationList(context, text)
  return await check(context)
}

function tooLarge() {
  return listRefusal('REVOCATION_LIST_MALFORMED')
}
