import { createHash } from 'node:crypto'

/**
 * An id that follows from what names a thing, so that importing the same file again meets what the first time made.
 * @param prefix tells the kind, as the prefixes of made ids do
 * @param names what is unique about it
 */
export function deriveId(prefix: string, ...names: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(names)).digest('base64url')
  return `${prefix}_${digest.slice(0, 22)}`
}
