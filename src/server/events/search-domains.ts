import { readFileSync } from 'node:fs'

/** The domains that short names are looked for in, and what counts as short. */
interface SearchRules {
  readonly domains: readonly string[]
  /** A name with fewer dots is short. */
  readonly dots: number
}

/** Where the system says so; Windows has none. */
export const RESOLVER_FILE = '/etc/resolv.conf'

/** The full names that a name may stand for, the likeliest first: `hooks` stands for `hooks.shop.svc.cluster.local`, say. */
export function fullNames(name: string, file: string): readonly string[] {
  const { domains, dots } = readRules(file)
  const searched = domains.map((domain) => `${name}.${domain}`)
  const isShort = name.split('.').length - 1 < dots
  return isShort ? [...searched, name] : [name, ...searched]
}

function readRules(file: string): SearchRules {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Nothing is short.
  }
  let domains: readonly string[] = []
  let dots = 1
  for (const line of text.split(/\r?\n/)) {
    const [word, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (word === 'search' || word === 'domain')
      domains = rest.map((domain) => domain.replace(/^\.+|\.+$/g, '')).filter(Boolean)
    const option = rest.find((one) => /^ndots:\d+$/.test(one))
    if (word === 'options' && option !== undefined) dots = Math.min(15, Number(option.slice('ndots:'.length)))
  }
  return { domains: domains.slice(0, 6), dots }
}
