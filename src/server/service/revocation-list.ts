import { signRevocationList } from '../signing/revocation-list'
import type { ServiceContext } from './context'

/** A signed list is served so long before it is made anew: it grows with every deactivation, and everyone fetches it. */
const REUSE_SECONDS = 30

/**
 * Gives the signed revocation list (compact JWS), at most half a minute old.
 */
export function createRevocationLister(context: ServiceContext): () => Promise<string> {
  let kept: { readonly at: number; readonly list: Promise<string> } | undefined
  const make = async (now: Date) => {
    const { version, tokenIds } = await context.store.listRevocations(now)
    return signRevocationList({ version, tokenIds, issuer: context.issuer }, now, context.signingKey)
  }
  return async () => {
    const now = context.now()
    // A clock that was put back must not keep an old list alive.
    if (kept === undefined || Math.abs(now.getTime() - kept.at) >= REUSE_SECONDS * 1000) {
      const list = make(now)
      const fresh = { at: now.getTime(), list }
      kept = fresh
      // A failure is not kept.
      list.catch(() => {
        if (kept === fresh) kept = undefined
      })
    }
    return kept.list
  }
}
