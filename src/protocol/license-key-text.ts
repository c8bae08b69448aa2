/** License keys as people write, paste and store them: the kit and the server read them alike. */

/** What nobody sees: zero-width and soft characters (Unicode, `Default_Ignorable_Code_Point`). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
const DASHES = /[\p{Dash_Punctuation}\u2212\u2043]/gu
/** Quotes, brackets, asterisks, a full stop: what stands around a key in a letter. */
const MARK = /[\p{P}\p{S}\s]/u
/** What nearly every request names: nothing of it is to be mended. */
const PLAIN = /^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/
/** Characters that people take for each other. */
export const LOOK_ALIKES: Readonly<Record<string, string>> = { O: '0', I: '1' }

/**
 * The form in which keys are matched: NFKC, without what nobody sees, each dash a hyphen, each run of white space a blank,
 * none around it, upper-cased.
 */
export function canonicalKey(key: string): string {
  if (PLAIN.test(key)) return key.toUpperCase()
  const seen = key.normalize('NFKC').replace(INVISIBLE, '').replace(DASHES, '-')
  return seen.replace(/\s+/g, ' ').trim().toUpperCase()
}

/** The keys that a pasted text may mean, canonical: without the marks around it, and without the label before a colon. */
export function pastedKeys(text: string): readonly string[] {
  const canonical = canonicalKey(text)
  if (PLAIN.test(canonical)) return [canonical, canonical]
  const unlabelled = canonical.slice(canonical.lastIndexOf(':') + 1)
  return [canonical, unlabelled].map(withoutMarks)
}

/** By characters and not by one expression: those that end at the end try each place anew, and a long text takes a second. */
function withoutMarks(text: string): string {
  const characters = [...text]
  let [from, to] = [0, characters.length]
  while (from < to && MARK.test(characters[from] ?? '')) from += 1
  while (to > from && MARK.test(characters[to - 1] ?? '')) to -= 1
  return characters.slice(from, to).join('')
}

/** A key without separators, with look-alikes folded: what somebody who reads it aloud tells. */
export function looseForm(canonical: string): string {
  return canonical.replace(/[^A-Z0-9]/g, '').replace(/[OI]/g, (character) => LOOK_ALIKES[character] ?? character)
}
