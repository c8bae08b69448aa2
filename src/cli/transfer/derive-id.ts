import { createHash } from 'node:crypto'

/**
 * Derives the id of a thing from its names, so that a second import of the same file meets the records of the first.
 * @param prefix tells the kind, as in every other id
 * @param names the names that, together, no other thing of its kind has
 */
export function deriveId(prefix: string, ...names: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(names)).digest('base64url')
  return `${prefix}_${digest.slice(0, 22)}`
}
