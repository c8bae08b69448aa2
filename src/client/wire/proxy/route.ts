import { isLoopback } from '../../words/server-url'
import { isExempt } from './no-proxy'

/** The way a request takes, and what decided that. */
export type Route =
  | {
      readonly via: 'direct'
      /**
       * - `not-set`: no proxy is named for such a URL.
       * - `loopback`: the server is on this computer, which no proxy needs to reach.
       * - `exempt`: `NO_PROXY` names the host.
       * - `unsupported`: the proxy named is no `http:` or `https:` URL; SOCKS is not supported.
       */
      readonly reason: 'not-set' | 'loopback' | 'exempt' | 'unsupported'
      /** The environment variable that decided, spelled as it is there; null when none did. */
      readonly variable: string | null
    }
  | {
      readonly via: 'proxy'
      /** May hold a name and a password: not for printing. */
      readonly proxy: URL
      /** The environment variable that names the proxy; null when the option `proxy` does. */
      readonly variable: string | null
    }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Works out whether a request goes through a proxy. Pure. The explicit option wins, and `NO_PROXY` does not apply to it.
 * Without the option, `HTTPS_PROXY` or `HTTP_PROXY` decides by the scheme of the URL, and else `ALL_PROXY`. A name in lower
 * case goes before one in upper case. A proxy without a scheme is an `http:` proxy.
 */
export function findRoute(url: URL, option: string | undefined, env: Environment): Route {
  if (isLoopback(url)) return { via: 'direct', reason: 'loopback', variable: null }
  if (option !== undefined) return routeThrough(option, null)

  const own = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const variable = firstSet(env, own) ?? firstSet(env, 'all_proxy')
  if (variable === undefined) return { via: 'direct', reason: 'not-set', variable: null }
  const noProxy = firstSet(env, 'no_proxy')
  if (noProxy !== undefined && isExempt(url, env[noProxy] ?? '')) {
    return { via: 'direct', reason: 'exempt', variable: noProxy }
  }
  return routeThrough(env[variable] ?? '', variable)
}

function routeThrough(text: string, variable: string | null): Route {
  const spelled = text.includes('://') ? text : `http://${text}`
  const proxy = URL.canParse(spelled) ? new URL(spelled) : undefined
  const spoken = proxy !== undefined && ['http:', 'https:'].includes(proxy.protocol)
  return spoken ? { via: 'proxy', proxy, variable } : { via: 'direct', reason: 'unsupported', variable }
}

/** The variable that is set. An empty one counts as not set: that is how a shell switches a proxy off for one command. */
function firstSet(env: Environment, name: string): string | undefined {
  return [name, name.toUpperCase()].find((spelling) => (env[spelling] ?? '') !== '')
}
