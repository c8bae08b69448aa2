import type { IncomingMessage } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { isLicenseError, LicenseError } from '../../protocol/license-error'

/** Largest body, in bytes. */
export const MAX_BODY_BYTES = 100_000

/**
 * The request's JSON body, read now or, where the host app has its own parser, as that left it; undefined where
 * there is none. Its shape is the caller's to check.
 *
 * @param parser `express.json` with our limit, for every content type: the type is checked here
 * @throws {LicenseError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or INVALID_REQUEST
 */
export async function readBody(req: Request, res: Response, parser: RequestHandler): Promise<unknown> {
  if (!hasBody(req)) return undefined
  requireLength(req)
  requireJson(req)
  if (!isConsumed(req)) {
    await runParser(req, res, parser)
    return req.body
  }
  return Buffer.isBuffer(req.body) ? parseJson(req.body) : req.body
}

/**
 * Refuses a body that a parser of the host app's has refused: with that error, unless one of ours comes before it in
 * the order of checks. The parser may have had another limit, and may not have minded the content type.
 *
 * @throws {LicenseError} always: UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or INVALID_REQUEST
 */
export function refuseBody(req: Request, parserError: LicenseError): never {
  requireLength(req)
  if (!isLicenseError(parserError, 'BODY_TOO_LARGE') && hasBody(req)) requireJson(req)
  throw parserError
}

const rawBodies = new WeakMap<IncomingMessage, Buffer>()

/** For `express.json`'s option `verify`: keeps the bytes as they came, which is what a retry repeats. */
export function keepRawBody(req: IncomingMessage, _res: unknown, bytes: Buffer): void {
  rawBodies.set(req, bytes)
}

/** The bytes of a body that our own parser read. */
export function rawBodyOf(req: IncomingMessage): Buffer | undefined {
  return rawBodies.get(req)
}

/** What the callers of body parsers are at fault for, by the `type` the parsers' errors carry. */
const PARSER_ERRORS: Readonly<Record<string, () => LicenseError>> = {
  'entity.parse.failed': notJson,
  'entity.too.large': bodyTooLarge,
  'charset.unsupported': unsupported,
  'encoding.unsupported': unsupported,
  'request.aborted': notJson,
  'request.size.invalid': notJson,
  // Of a parser of forms, which no route of ours takes.
  'parameters.too.many': unsupported,
  'querystring.parse.rangeError': unsupported,
}

/**
 * What a body parser's error means to a caller; undefined for errors that are none of a parser's, whatever status they
 * carry: they are the host app's.
 */
export function toBodyError(error: unknown): LicenseError | undefined {
  if (!(error instanceof Error)) return undefined
  if (isDecompressionError(error)) return notJson()
  const type = 'type' in error && typeof error.type === 'string' ? error.type : ''
  return Object.hasOwn(PARSER_ERRORS, type) ? PARSER_ERRORS[type]?.() : undefined
}

/** A body that is not compressed as it says: parsers pass zlib's own error on, with a status but without a type. */
function isDecompressionError(error: Error): boolean {
  return 'status' in error && 'code' in error && /^(Z_|ERR__ERROR_)/.test(String(error.code))
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
}

function requireLength(req: Request): void {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw bodyTooLarge()
}

function requireJson(req: Request): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(req.headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  if (!req.is('application/json') || !/^utf-?8$/i.test(charset)) throw unsupported()
}

/** True when the host app's own parser, or another of its middlewares, has read the body already. */
function isConsumed(req: Request): boolean {
  return req.readableDidRead
}

function runParser(req: Request, res: Response, parser: RequestHandler): Promise<void> {
  return new Promise((resolve, reject) => {
    parser(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(toBodyError(error) ?? error)))
  })
}

/** A host app may hand over raw bytes. */
function parseJson(bytes: Buffer): unknown {
  if (bytes.length > MAX_BODY_BYTES) throw bodyTooLarge()
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw notJson()
  }
}

function notJson(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'The body is not valid JSON')
}

function bodyTooLarge(): LicenseError {
  return new LicenseError('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes`)
}

function unsupported(): LicenseError {
  return new LicenseError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json in UTF-8')
}
