import { parseJson } from '../store/cache-record'
import { isRecord } from '../words/claims'

/** The header (0) or payload (1) of a compact JWS: decoded, not verified. Undefined where it is no JSON. */
export function decodePart(text: string, part: 0 | 1): unknown {
  return parseJson(Buffer.from(text.split('.')[part] ?? '', 'base64url').toString('utf8'))
}

/** The `kid` a compact JWS says it is signed with, not verified. */
export function keyIdOf(text: string): string | undefined {
  const header = decodePart(text, 0)
  return isRecord(header) && typeof header.kid === 'string' ? header.kid : undefined
}
