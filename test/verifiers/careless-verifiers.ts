import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../examples/verify/python/verify.py', import.meta.url))

/** What a careless reader may leave out of the verifier, and what then stands in its place. */
const CHECKS: readonly (readonly [check: RegExp, instead: string])[] = [
  [/raise Refused\("\w+"\)/g, 'pass'],
  [/raise ValueError\(.*\)/g, 'pass'],
  [/ or "(?:crit|cnf)" in \w+/g, ''],
  [/ or claims\.get\("(?:iss|sub)"\) != .*(?=:)/g, ''],
  [/claims\["aud"\] != product_id or /g, ''],
  [/ or claims\["productId"\] != product_id/g, ''],
  [/claims\["machine"\] != machine or /g, ''],
  [/ and license_end\[0\] != "\+"/g, ''],
  // No vector lies between `exp` and five minutes after it, where verifiers may differ.
  [/ \+ SKEW/g, ''],
  [/ and entry\[1\] >= claims\["stamp"\]/g, ''],
  [/, \["keyslot-activation".*\]$/gm, ','],
  [/min\(grace_end, (.*)\)$/gm, 'grace_end'],
]

/**
 * Makes careless verifiers, each of which forgets one check of the one in Python.
 * @param folder where each gets a folder, `place`
 */
export function carelessVerifiers(folder: string): { readonly forgotten: string; readonly place: string }[] {
  const source = readFileSync(SOURCE, 'utf8')
  return CHECKS.flatMap(([pattern, instead]) =>
    [...source.matchAll(pattern)].map(({ 0: check, index }) => {
      const place = mkdtempSync(join(folder, 'careless-'))
      writeFileSync(join(place, 'verify.py'), source.slice(0, index) + instead + source.slice(index + check.length))
      return { forgotten: `${check.trim()} of line ${source.slice(0, index).split('\n').length}`, place }
    }),
  )
}
