import { DEFAULT_SESSION_LEASE_SECONDS, type NewSession, type Storage } from 'keyslot/storage'
import { type Ask, seatAsk } from '../asks'
import { rowOf, textOf } from '../rows'
import type { Store } from '../store'

type SessionVerbs = Pick<Storage, 'claimSession' | 'findSession' | 'renewSession' | 'releaseSession' | 'listSessions'>

export function sessionVerbs(store: Store): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      store.mutate('sessions', 'claimSession', accountId, step, { target, new: newSessionAsk(session), ...lease }),
    findSession: (account, { sessionId: id, ...target }, now) =>
      store.ask('sessions', 'findSession', { account, target, id, now: now.getTime() }),
    renewSession: (accountId, { sessionId: id, ...target }, nonces, step) => {
      const [nonce, nextNonce] = [textOf(nonces.nonce), textOf(nonces.nextNonce)]
      return store.mutate('sessions', 'renewSession', accountId, step, { target, id, nonce, nextNonce, ...lease })
    },
    releaseSession: (accountId, { sessionId: id, ...target }, nonce, step) =>
      store.mutate('sessions', 'releaseSession', accountId, step, { target, id, nonce: textOf(nonce) }),
    listSessions: (account, license, now, page) =>
      store.page('sessions', 'listSessions', page, { account, license, now: now.getTime() }),
  }
}

const lease = { defaultLeaseSeconds: DEFAULT_SESSION_LEASE_SECONDS }

/** `chosen`: what a checkout sets, of a new session and of one that is taken up again; the latter keeps its id. */
function newSessionAsk(session: NewSession): Ask {
  const { id, ...chosen } = session
  return { id, host: session.hostId, seat: seatAsk(session), row: [], chosen: rowOf(chosen) }
}
