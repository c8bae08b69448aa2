import type { HostKey } from '../../src/domain/host-keys'

/** A key of a host, bound and last used at `at`, with tokens until `tokensEndAt`. */
export function hostKey(thumbprint: string, at: Date, tokensEndAt = at, until: Date | null = null): HostKey {
  return {
    thumbprint,
    boundAt: at,
    usedAt: at,
    tokensEndAt,
    until,
    leftAt: null,
    droppedAt: null,
    recovery: null,
    former: [],
  }
}
