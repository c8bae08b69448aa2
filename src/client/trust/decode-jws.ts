import { isRecord, parseJson } from '../../protocol/json'

/** The header (0) or the payload (1) of a compact JWS, decoded but not verified. Undefined when it is no JSON. */
export function decodePart(text: string, part: 0 | 1): unknown {
  return parseJson(Buffer.from(text.split('.')[part] ?? '', 'base64url').toString('utf8'))
}

/** The `kid` of the key with which a compact JWS says it is signed. Nothing is verified. */
export function keyIdOf(text: string): string | undefined {
  const header = decodePart(text, 0)
  return isRecord(header) && typeof header.kid === 'string' ? header.kid : undefined
}
