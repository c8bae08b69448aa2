import type { KitContext } from './kit-context'
import type { LicenseCheck } from './license-check'
import { readHandedFile } from './read-handed-file'
import { readStatus } from './read-status'
import { MAX_LIST_LENGTH } from './revocation-list'
import { listRefusal, takeRevocationList } from './take-revocation-list'

/** Every signed list begins with the base64url of `{"`; no sensible path does, and has just two dots. */
const SIGNED_TEXT = /^\s*eyJ[\w-]*\.[\w-]*\.[^\s/\\]*\s*$/

/** Takes a revocation list carried by hand; see `LicenseKit.importRevocationList`. */
export async function importRevocationList(context: KitContext, pathOrText: string): Promise<LicenseCheck> {
  if (typeof pathOrText !== 'string') throw new TypeError('importRevocationList needs a path or a signed list')
  const isText = pathOrText.length > MAX_LIST_LENGTH || SIGNED_TEXT.test(pathOrText)
  const text = isText ? pathOrText : await readHandedFile(pathOrText, MAX_LIST_LENGTH, tooLarge)
  await takeRevocationList(context, text)
  return await readStatus(context)
}

function tooLarge() {
  return listRefusal('REVOCATION_LIST_MALFORMED')
}
