import { isCount, isRecord } from '../../protocol/json'
import type { CachedActivation } from './cache-record'

/** A host that uses the data folder, and is not surely the one that the license was activated on. */
export interface SeenHost {
  readonly hostId: string
  /** When it was first seen, Unix seconds. */
  readonly since: number
}

/** What a stored activation knows of other hosts. Its renewals go on with it. */
type OtherHosts = Pick<CachedActivation, 'doubts' | 'earlierHosts'>

/** As many hosts at most share one data folder. */
export const MAX_SEEN_HOSTS = 8

export function doubtsOf({ doubts }: OtherHosts): readonly SeenHost[] {
  return Array.isArray(doubts) ? doubts.filter(isSeenHost).slice(0, MAX_SEEN_HOSTS) : []
}

/** The hosts that this license was activated on in this folder before, the latest first. */
export function earlierHostsOf({ earlierHosts }: OtherHosts): readonly string[] {
  const hostIds: readonly unknown[] = Array.isArray(earlierHosts) ? earlierHosts : []
  return hostIds.filter((hostId) => typeof hostId === 'string').slice(0, MAX_SEEN_HOSTS)
}

/** The activation that takes the place of another of the same license, with what that one knew of other hosts. */
export function following(before: CachedActivation, activation: CachedActivation): CachedActivation {
  const { hostId } = activation
  const doubts = doubtsOf(before).filter((seen) => seen.hostId !== hostId)
  const left = before.hostId === hostId ? [] : [before.hostId]
  const earlierHosts = [...new Set([...left, ...earlierHostsOf(before)])].slice(0, MAX_SEEN_HOSTS)
  return {
    ...activation,
    ...(doubts.length > 0 && { doubts }),
    ...(earlierHosts.length > 0 && { earlierHosts }),
  }
}

function isSeenHost(value: unknown): value is SeenHost {
  return isRecord(value) && typeof value.hostId === 'string' && isCount(value.since)
}
