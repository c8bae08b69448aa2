import { type Decided, only, rely, remove, replace } from './decision'
import type { License } from './license'
import { extendSession, isLive, type Session } from './session'

/** `not-found`: unknown or lapsed. `gone`: no such license for this product. */
export interface SessionRefusal {
  readonly kind: 'not-found' | 'bad-nonce' | 'blocked' | 'gone'
}

interface OfSession<K extends string> {
  readonly kind: K
  readonly license: License
  readonly session: Session
}

/** Uses up a nonce and renews the lease of a session. It writes only the session, and relies on the license as it is. */
export function decideHeartbeat(
  license: License,
  session: Session | null,
  { nonce, nextNonce }: { readonly nonce: string; readonly nextNonce: string },
  now: Date,
): Decided<OfSession<'renewed'> | SessionRefusal> {
  if (session === null || !isLive(session, now)) return only({ kind: 'not-found' })
  if (session.nonce !== nonce) return only({ kind: 'bad-nonce' })
  if (license.blocked) return only({ kind: 'blocked' })
  const renewed = extendSession(license, session, nextNonce, now)
  return {
    outcome: { kind: 'renewed', license, session: renewed },
    changes: [replace('session', session, renewed), ...rely('license', license)],
  }
}

/** Uses up a nonce and frees the seat, in whatever state the license is. The vendor needs no nonce (null). */
export function decideCheckin(
  license: License,
  session: Session | null,
  nonce: string | null,
  now: Date,
): Decided<OfSession<'released'> | SessionRefusal> {
  if (session === null || !isLive(session, now)) return only({ kind: 'not-found' })
  if (nonce !== null && session.nonce !== nonce) return only({ kind: 'bad-nonce' })
  return { outcome: { kind: 'released', license, session }, changes: [remove('session', session)] }
}
