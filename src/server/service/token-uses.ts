import { LRUCache } from 'lru-cache'
import type { AccessToken } from '../../domain/access-token'
import { isUseDue, lastUse, TOKEN_USE_INTERVAL_MS, type TokenUse } from '../../domain/decide-token-use'
import { createId, type RandomBytes } from '../../domain/random'
import type { Store } from '../../storage/verbs/store'

/** Writes down which access tokens are in use, behind the requests that show them. */
export interface TokenUses {
  /** A token was let in, or refused because it is revoked. Returns at once, and never throws. */
  note(token: AccessToken, use: TokenUse): void
  /** When a token was used so last, as far as this process knows; null for never. */
  last(token: AccessToken, use: TokenUse): Date | null
  /** Waits for what is being written. */
  idle(): Promise<void>
}

interface TokenUsesContext {
  readonly store: Store
  readonly now: () => Date
  readonly random: RandomBytes
  readonly warn: (message: string) => void
}

const MAX_TOKENS = 10_000

/** What this process has seen of a token since it was last written down. */
interface Seen {
  calls: number
  /** When it was used last. */
  at: Date
  /** Of elapsed time, so that no clock makes it write at every request. */
  writtenAt: number
}

export function createTokenUses({ store, now, random, warn }: TokenUsesContext): TokenUses {
  const seen = new LRUCache<string, Seen>({ max: MAX_TOKENS })
  const writing = new Set<Promise<void>>()

  async function write({ id, accountId }: AccessToken, use: TokenUse, calls: number): Promise<void> {
    const at = now()
    const event = {
      id: createId('evt', random),
      type: 'access-token.revoked-used' as const,
      at,
      actor: { id, address: null },
      data: { tokenId: id, calls },
    }
    const events = use === 'refused' ? { events: { 'noted-refusal': [event] } } : {}
    await store.noteTokenUse(accountId, id, use, { now: at, ...events })
  }

  function start(token: AccessToken, use: TokenUse, calls: number): void {
    const written = write(token, use, calls)
      .catch((error: unknown) => warn(`keyslot: the use of an access token was not written down: ${String(error)}`))
      .finally(() => writing.delete(written))
    writing.add(written)
  }

  return {
    note(token, use) {
      const key = `${use} ${token.id}`
      const at = now()
      const known = seen.get(key) ?? { calls: 0, at, writtenAt: Number.NEGATIVE_INFINITY }
      known.calls += 1
      known.at = at
      seen.set(key, known)
      const isRecent = performance.now() - known.writtenAt < TOKEN_USE_INTERVAL_MS
      if (isRecent || !isUseDue(token, use, at)) return
      start(token, use, known.calls)
      known.calls = 0
      known.writtenAt = performance.now()
    },
    last(token, use) {
      const [here, anywhere] = [seen.get(`${use} ${token.id}`)?.at ?? null, lastUse(token, use)]
      return here !== null && (anywhere === null || here > anywhere) ? here : anywhere
    },
    async idle() {
      await Promise.all(writing)
    },
  }
}
