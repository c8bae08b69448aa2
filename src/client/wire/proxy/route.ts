import { isLoopback } from '../../words/server-url'
import { isExempt } from './no-proxy'

/** How a request travels, and what decided it. */
export type Route =
  | {
      readonly via: 'direct'
      /**
       * - `not-set`: no proxy is named for such a URL.
       * - `loopback`: this machine is never reached through another.
       * - `exempt`: `NO_PROXY` names the host.
       * - `unsupported`: what is named is no `http:` or `https:` proxy; SOCKS is not spoken here.
       */
      readonly reason: 'not-set' | 'loopback' | 'exempt' | 'unsupported'
      /** The environment variable that decided, as it is spelled there; null where none did. */
      readonly variable: string | null
    }
  | {
      readonly via: 'proxy'
      /** With its name and password, where it has them: not for printing. */
      readonly proxy: URL
      /** null where the option `proxy` names it. */
      readonly variable: string | null
    }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Works out whether a request goes through a proxy. Pure. The explicit option wins, and knows no `NO_PROXY`; then
 * `HTTPS_PROXY` or `HTTP_PROXY` after the URL's scheme, then `ALL_PROXY`. Lower case goes before upper case.
 * A scheme may be missing, and is `http:` then.
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

/** Empty is not set: that is how a shell switches a proxy off for one command. */
function firstSet(env: Environment, name: string): string | undefined {
  return [name, name.toUpperCase()].find((spelling) => (env[spelling] ?? '') !== '')
}
