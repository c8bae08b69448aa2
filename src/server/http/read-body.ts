import type { Request, RequestHandler, Response } from 'express'
import { LicenseError } from '../../protocol/license-error'

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
  requireJson(req)
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw bodyTooLarge()
  if (!isConsumed(req)) {
    await runParser(req, res, parser)
    return req.body
  }
  return Buffer.isBuffer(req.body) ? parseJson(req.body) : req.body
}

/**
 * What a body parser's error means to a caller; errors that are none of a parser's come back as they are.
 * @see http-errors, whose `status` and `type` body parsers set
 */
export function toBodyError(error: unknown): unknown {
  if (!(error instanceof Error) || !('status' in error) || !('type' in error)) return error
  if (error.status === 413) return bodyTooLarge()
  if (error.status === 415) return unsupported()
  if (error.status === 400) return new LicenseError('INVALID_REQUEST', 'The body is not valid JSON')
  return error
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
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
    parser(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(toBodyError(error))))
  })
}

/** A host app may hand over raw bytes. */
function parseJson(bytes: Buffer): unknown {
  if (bytes.length > MAX_BODY_BYTES) throw bodyTooLarge()
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new LicenseError('INVALID_REQUEST', 'The body is not valid JSON')
  }
}

function bodyTooLarge(): LicenseError {
  return new LicenseError('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes`)
}

function unsupported(): LicenseError {
  return new LicenseError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json in UTF-8')
}
