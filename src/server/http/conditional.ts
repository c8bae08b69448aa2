import { createHash } from 'node:crypto'
import type { Answer } from './answer'
import type { HttpRequest } from './http-request'

/** Names what these bytes are: others have another name. */
export function tagOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return `"${hash.digest('base64url').slice(0, 22)}"`
}

/**
 * An answer that has a tag, or only word of it for a caller who has that very answer.
 * @see RFC 9110 §13.1.2: tags are compared weakly
 */
export function unlessKnown({ headers: asked }: HttpRequest, etag: string, answer: Answer): Answer {
  const headers = { ...answer.headers, ETag: etag }
  const { 'Content-Encoding': _, ...others }: Record<string, string> = headers
  const known = (asked['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  const isKnown = known.includes('*') || known.includes(etag.replace(/^W\//, ''))
  return isKnown ? { status: 304, headers: others } : { ...answer, headers }
}
