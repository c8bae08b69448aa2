import type { ServedEndpoint } from './order-of-checks'

export interface MatchedEndpoint {
  readonly endpoint: ServedEndpoint
  readonly params: Record<string, string>
}

/**
 * Finds the endpoint a URL names, outside Express's router.
 * @param mountPath where the router is mounted; undefined where that is not known: any path that ends like one of ours
 */
export function createMatcher(endpoints: readonly ServedEndpoint[], mountPath: string | undefined) {
  const prefix = mountPath === undefined ? '.*' : escapeRegExp(mountPath.replace(/\/$/, ''))
  const patterns = endpoints.map((endpoint) => ({
    endpoint,
    pattern: new RegExp(`^${prefix}${toPattern(endpoint.route.path)}/?$`, 'i'),
  }))
  return (method: string, url: string): MatchedEndpoint | undefined => {
    const path = url.split('?', 1)[0] ?? ''
    for (const { endpoint, pattern } of patterns) {
      const match = endpoint.route.method === (method === 'HEAD' ? 'GET' : method) ? pattern.exec(path) : null
      if (match !== null) return { endpoint, params: decodeAll(match.groups ?? {}) }
    }
    return undefined
  }
}

function toPattern(path: string): string {
  return path
    .split(/(\{\w+\})/)
    .map(toSegment)
    .join('')
}

function toSegment(part: string): string {
  return part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/]+)` : escapeRegExp(part)
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** A part that cannot be decoded stays as it is, and names no key. */
function decodeAll(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
