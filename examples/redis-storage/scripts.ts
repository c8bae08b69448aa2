import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The families of verbs, each a script of its own. */
export type Family =
  | 'accounts'
  | 'products'
  | 'customers'
  | 'licenses'
  | 'activations'
  | 'allowances'
  | 'sessions'
  | 'webhooks'
  | 'housekeeping'
  | 'transfer'

export interface Script {
  readonly source: string
  /** What Redis knows it by. Another version of the adapter has other scripts, so that both can run at once. */
  readonly sha: string
}

const COMMON = ['rows', 'tables', 'deliveries', 'step', 'licensing']

const loaded = new Map<Family, Script>()

/** The common part, the family's verbs, and the call of the one that is asked for. */
export function scriptOf(family: Family): Script {
  const known = loaded.get(family)
  if (known !== undefined) return known
  const parts = [...COMMON, `verbs/${family}`].map((name) =>
    readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8'),
  )
  const source = [...parts, 'return verbs[ARGV[1]]()'].join('\n')
  const script = { source, sha: createHash('sha1').update(source).digest('hex') }
  loaded.set(family, script)
  return script
}
