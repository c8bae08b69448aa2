import type { LicenseKitOptions } from '../../src/client'

type Fetch = NonNullable<LicenseKitOptions['fetch']>

/**
 * What stands between a computer and the server: nothing; no cable; a portal that answers all with its own page; a proxy that
 * takes out headers it does not know, both ways; an inspector whose certificate nobody trusts; a line that loses each answer.
 */
export type Network = 'online' | 'offline' | 'portal' | 'stripping' | 'inspected' | 'loses-answers'

export function fetchOver(network: () => Network): Fetch {
  return async (url, init) => {
    switch (network()) {
      case 'online':
        return await fetch(url, init)
      case 'offline':
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('no route'), { code: 'ENETUNREACH' }) })
      case 'portal':
        return new Response('<html>Welcome. Please sign in.</html>', { headers: { 'Content-Type': 'text/html' } })
      case 'inspected': {
        const code = 'SELF_SIGNED_CERT_IN_CHAIN'
        throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
      }
      case 'stripping':
        return withoutOurs(await fetch(url, { ...init, headers: ownOnly(new Headers(init?.headers)) }))
      case 'loses-answers':
        await (await fetch(url, init)).arrayBuffer()
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
    }
  }
}

const isUnusual = (name: string) => /^(dpop|keyslot-)/i.test(name)

function ownOnly(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => !isUnusual(name)))
}

function withoutOurs(response: Response): Response {
  const { status, statusText, body } = response
  return new Response(status === 204 || status === 304 ? null : body, {
    status,
    statusText,
    headers: ownOnly(response.headers),
  })
}
