import { LRUCache } from 'lru-cache'
import type { AccessToken } from '../../domain/access-token'
import { decideWire, type WireOption } from '../../domain/keymint-wire'
import { KEYMINT_WIRES, type KeymintWire } from '../../protocol/enumerations'
import { WIRE_HEADER } from '../../protocol/keymint-wire'
import { LicenseError } from '../../protocol/license-error'
import type { RouteDefinition } from '../../protocol/routes'
import type { TokenUses } from '../service/token-uses'
import { keyPlacesOf } from './header-key'
import type { HttpRequest } from './http-request'

/** Which form of KeyMint's answers one request is answered in, as far as that is known by now. */
export interface SpokenWire {
  readonly wire: KeymintWire
  /** Whose request it is. */
  authenticated(token: AccessToken): void
  /**
   * The request may do what it asks for, so what it shows counts.
   * @throws {LicenseError} INVALID_REQUEST when it asks for a form that there is not
   */
  admitted(token: AccessToken): void
}

/** Listens for the form that callers read. */
export interface WireListener {
  listen(request: HttpRequest, route: RouteDefinition): SpokenWire
}

interface WireContext {
  readonly option: WireOption
  readonly uses: Pick<TokenUses, 'note' | 'last'>
  readonly now: () => Date
  readonly warn: (message: string) => void
}

const MAX_WARNED = 1000
const NOTHING_SHOWN = { headerKeyAt: null, queryKeyAt: null }
/** Routes whose answers have one form. */
const ONE_FORM: SpokenWire = { wire: 'before', authenticated: () => undefined, admitted: () => undefined }

export function createWireListener({ option, uses, now, warn }: WireContext): WireListener {
  const warned = new LRUCache<string, true>({ max: MAX_WARNED })

  function decide(request: HttpRequest, token: AccessToken | undefined) {
    const shown = token && {
      headerKeyAt: uses.last(token, 'key-in-header'),
      queryKeyAt: uses.last(token, 'key-in-query'),
    }
    const setting = token?.wire ?? null
    return decideWire({ asked: askedWire(request), setting, option, shown: shown ?? NOTHING_SHOWN }, now())
  }

  function warnOnce({ id, name }: AccessToken): void {
    if (warned.has(id)) return
    warned.set(id, true)
    warn(
      `keyslot: clients of KeyMint from before September 2026 and after it share the access token ${id} (${name}), and are ` +
        'answered in the older form. Give each its own, or set keymintWire.',
    )
  }

  return {
    listen(request, route) {
      if (route.family !== 'keymint') return ONE_FORM
      let { wire } = decide(request, undefined)
      return {
        get wire() {
          return wire
        },
        authenticated(token) {
          wire = decide(request, token).wire
        },
        admitted(token) {
          for (const place of keyPlacesOf(request, route)) uses.note(token, `key-in-${place}`)
          const decided = decide(request, token)
          wire = decided.wire
          if (decided.isTorn) warnOnce(token)
          requireKnownWire(request)
        },
      }
    },
  }
}

/** The form that a request asks for; undefined where it asks for none, or none that there is. */
function askedWire({ headers }: HttpRequest): KeymintWire | undefined {
  return KEYMINT_WIRES.find((wire) => wire === headers[WIRE_HEADER])
}

function requireKnownWire(request: HttpRequest): void {
  if (request.headers[WIRE_HEADER] === undefined || askedWire(request) !== undefined) return
  throw new LicenseError('INVALID_REQUEST', `${WIRE_HEADER}: must be one of ${KEYMINT_WIRES.join(', ')}`, {
    detail: { field: WIRE_HEADER },
  })
}
