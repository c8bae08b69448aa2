const MAX_LENGTH = 64

/**
 * The tag as the server takes it: a computer's name may be longer than a tag, and that is nobody's fault.
 * @returns undefined for an empty one
 */
export function shortTag(deviceTag: string | undefined): string | undefined {
  const tag = deviceTag?.slice(0, MAX_LENGTH)
  // The cut may have halved a character of two units.
  return tag === undefined || tag === '' ? undefined : tag.replace(/[\ud800-\udbff]$/, '')
}
