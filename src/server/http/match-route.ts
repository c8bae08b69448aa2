import type { ServedEndpoint } from './endpoint'

interface MatchedEndpoint {
  readonly endpoint: ServedEndpoint
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
}

/** Finds endpoints by what a request asks for, below the mount point. */
export interface RouteMatcher {
  /** Undefined where the request is not for one of ours. */
  match(method: string, path: string): MatchedEndpoint | undefined
  /**
   * The same for a whole path.
   * @param mountPath what comes before; undefined where that is not known: a path that ends like one of ours is one
   */
  matchMounted(method: string, path: string, mountPath: string | undefined): MatchedEndpoint | undefined
  /** The methods that a path takes; none where it is none of ours. */
  methodsOf(path: string): readonly string[]
}

/** Letter case and a slash at the end of a path do not count. A path without parameters is one look-up. */
export function createMatcher(endpoints: readonly ServedEndpoint[]): RouteMatcher {
  const fixed = new Map<string, ServedEndpoint>()
  const patterns: { readonly method: string; readonly pattern: RegExp; readonly endpoint: ServedEndpoint }[] = []
  for (const endpoint of endpoints) {
    const { method, path } = endpoint.route
    if (path.includes('{')) patterns.push({ method, pattern: toPattern(path), endpoint })
    else fixed.set(`${method} ${path.toLowerCase()}`, endpoint)
  }

  function find(method: string, path: string): MatchedEndpoint | undefined {
    const endpoint = fixed.get(`${method} ${path.replace(/\/$/, '').toLowerCase()}`)
    if (endpoint !== undefined) return { endpoint, params: NO_PARAMS }
    for (const { method: taken, pattern, endpoint } of patterns) {
      const groups = taken === method ? pattern.exec(path)?.groups : undefined
      if (groups !== undefined) return { endpoint, params: decodeAll(groups) }
    }
    return undefined
  }

  const methods = [...new Set(endpoints.map(({ route }) => route.method))]
  const match: RouteMatcher['match'] = (method, path) => find(method === 'HEAD' ? 'GET' : method, path)
  const deepest = Math.max(...endpoints.map(({ route }) => route.path.split('/').length))

  return {
    match,
    matchMounted(method, path, mountPath) {
      if (mountPath !== undefined) {
        const prefix = mountPath.replace(/\/$/, '')
        return path.toLowerCase().startsWith(prefix.toLowerCase())
          ? match(method, path.slice(prefix.length))
          : undefined
      }
      return lastSteps(path, deepest)
        .map((end) => match(method, end))
        .find((matched) => matched !== undefined)
    },
    methodsOf: (path) => methods.filter((method) => find(method, path) !== undefined),
  }
}

const NO_PARAMS = {}

/** The ends of a path that are so many steps long at the most, the longest first. */
function lastSteps(path: string, most: number): readonly string[] {
  const ends: string[] = []
  for (let at = path.lastIndexOf('/'); at >= 0 && ends.length < most; at = path.lastIndexOf('/', at - 1)) {
    ends.unshift(path.slice(at))
    if (at === 0) break
  }
  return ends
}

function toPattern(path: string): RegExp {
  return new RegExp(
    `^${path
      .split(/(\{\w+\})/)
      .map(toSegment)
      .join('')}/?$`,
    'i',
  )
}

function toSegment(part: string): string {
  return part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function decodeAll(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]))
}

/** What cannot be decoded stays as it is, and names no key. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
