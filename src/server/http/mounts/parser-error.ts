import type { LicenseError } from '../../../protocol/license-error'
import { bodyTooLarge, notJson, unsupportedBody } from '../read-body'

/** What the callers of body parsers are at fault for, by the `type` the parsers' errors carry. */
const PARSER_ERRORS: Readonly<Record<string, () => LicenseError>> = {
  'entity.parse.failed': notJson,
  'entity.too.large': bodyTooLarge,
  'charset.unsupported': unsupportedBody,
  'encoding.unsupported': unsupportedBody,
  'request.aborted': notJson,
  'request.size.invalid': notJson,
  // Of a parser of forms, which no route of ours takes.
  'parameters.too.many': unsupportedBody,
  'querystring.parse.rangeError': unsupportedBody,
}

/**
 * What an error of a body parser of the host app's means to a caller; undefined for errors that are none of a parser's,
 * whatever status they carry: they are the host app's.
 */
export function toBodyError(error: unknown): LicenseError | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if (isDecompressionError(error)) return notJson()
  const type = 'type' in error && typeof error.type === 'string' ? error.type : ''
  return Object.hasOwn(PARSER_ERRORS, type) ? PARSER_ERRORS[type]?.() : undefined
}

/** A body that is not compressed as it says: parsers pass zlib's own error on, with a status but without a type. */
function isDecompressionError(error: object): boolean {
  return 'status' in error && 'code' in error && /^(Z_|ERR__ERROR_)/.test(String(error.code))
}
