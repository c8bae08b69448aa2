import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { HttpRequest } from './http-request'

/** Largest body, in bytes. */
const MAX_BODY_BYTES = 100_000

/** A request's body. */
export interface Body {
  /** Undefined where there is no body. Its shape is the caller's to check. */
  readonly value: unknown
  /** As they came, where they are still there: they are what a retry repeats. */
  readonly bytes?: Buffer
}

export const NO_BODY: Body = { value: undefined }

/**
 * The request's JSON body.
 * @throws {LicenseError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or INVALID_REQUEST
 */
export async function readBody(request: HttpRequest): Promise<Body> {
  if (!hasBody(request)) return NO_BODY
  if (isTooLong(request)) throw bodyTooLarge()
  if (!isJson(request)) throw unsupportedBody()
  const received = await request.receiveBody(MAX_BODY_BYTES)
  if ('bytes' in received) return { value: parseJson(received.bytes), bytes: received.bytes }
  return { value: received.parsed }
}

/**
 * The error of a body that a parser of the host app's has refused: that of the parser, unless one of ours comes before it in
 * the order of checks. The parser may have had another limit, and may not have minded the content type.
 */
export function bodyErrorOf(request: HttpRequest, parserError: LicenseError): LicenseError {
  if (isTooLong(request)) return bodyTooLarge()
  const isLoose = !isLicenseError(parserError, 'BODY_TOO_LARGE') && hasBody(request) && !isJson(request)
  return isLoose ? unsupportedBody() : parserError
}

function hasBody({ headers }: HttpRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function isTooLong({ headers }: HttpRequest): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES
}

/** Whatever its parameters but the charset say: none of the others changes how JSON is read. */
const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i

function isJson({ headers }: HttpRequest): boolean {
  const type = headers['content-type'] ?? ''
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8'
  return JSON_TYPE.test(type) && /^utf-?8$/i.test(charset)
}

/** A list or an object; no bytes at all stand for an empty one, and a byte order mark for nothing. */
function parseJson(bytes: Buffer): object {
  if (bytes.length > MAX_BODY_BYTES) throw bodyTooLarge()
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    throw notJson()
  }
  throw notJson()
}

/** The error for a body that is no JSON, or no list or object. */
export function notJson(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'The body is not valid JSON')
}

export function bodyTooLarge(): LicenseError {
  return new LicenseError('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes`)
}

export function unsupportedBody(): LicenseError {
  return new LicenseError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json in UTF-8')
}
