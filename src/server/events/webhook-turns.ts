/** A webhook that may have something to send. */
export interface Endpoint {
  readonly id: string
  readonly accountId: string
}

/** An endpoint whose turn it is, and how many deliveries of it may go out now. */
export interface Turn {
  readonly endpoint: Endpoint
  readonly limit: number
}

/** Attempts to one endpoint at once. */
const OF_ENDPOINT = 4
/** Attempts of one account at once. */
const OF_ACCOUNT = 20
/** Attempts at once to endpoints whose last one failed: there are always slots left for the others. */
const OF_FAILING = 10
/** After so many failures in a row an endpoint is tried now and then only. */
const FAILURES_IN_A_ROW = 5
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 300_000
/** An endpoint of which nothing was heard for so long is forgotten. */
const REMEMBERED_MS = 3_600_000

interface Known extends Endpoint {
  /** Attempts under way, and those that a turn has made room for. */
  underWay: number
  /** How many failed since one succeeded. */
  failures: number
  /** Milliseconds since the epoch. */
  lastFailedAt: number
  /** True while it waits for its turn. */
  isWaiting: boolean
}

/**
 * Whose turn it is. Endpoints take turns, with few attempts each, so that none of them can take the slots of all. One whose
 * attempt failed goes on with one attempt at a time, and one that keeps failing rests between them, the longer the more often.
 */
export class Turns {
  private readonly known = new Map<string, Known>()
  private waiting: Known[] = []
  /** Those with attempts under way. */
  private readonly busy = new Set<Known>()

  /** @param slots how many attempts may be under way at once */
  constructor(private readonly slots: number) {}

  /** Has an endpoint wait for its turn, unless it waits already, or rests. */
  add({ id, accountId }: Endpoint, now: Date): void {
    const fresh = { id, accountId, underWay: 0, failures: 0, lastFailedAt: 0, isWaiting: false }
    const endpoint = this.known.get(id) ?? fresh
    if (endpoint.isWaiting || isResting(endpoint, now)) return
    this.known.set(id, endpoint)
    endpoint.isWaiting = true
    this.waiting.push(endpoint)
  }

  /** Those whose turn it is, with room made for them. The others wait on, in the same order. */
  take(now: Date): readonly Turn[] {
    const room = new Room(this.slots, this.busy)
    const turns: Turn[] = []
    this.waiting = this.waiting.filter((endpoint) => {
      // What is due of one that rests is found again.
      const limit = isResting(endpoint, now) ? 0 : room.for(endpoint)
      endpoint.isWaiting = limit === 0 && !isResting(endpoint, now)
      if (limit > 0) turns.push({ endpoint, limit })
      room.fill(endpoint, limit)
      this.occupy(endpoint, limit)
      return endpoint.isWaiting
    })
    return turns
  }

  /** Gives back the room that a turn did not need; where it needed all of it, the endpoint may have more to send. */
  taken({ endpoint, limit }: Turn, count: number, now: Date): void {
    this.occupy(endpoint, count - limit)
    if (count === limit) this.add(endpoint, now)
  }

  /** An attempt has ended: well, badly, or in a way that says nothing of the endpoint. */
  ended(endpoint: Endpoint, how: 'delivered' | 'failed' | 'unknown', now: Date): void {
    const known = this.occupy(endpoint, -1)
    if (known !== undefined && how === 'delivered') known.failures = 0
    if (known !== undefined && how === 'failed') {
      known.failures += 1
      known.lastFailedAt = now.getTime()
    }
    // It may have held up the next one of its license.
    this.add(endpoint, now)
  }

  /** Forgets endpoints of which there is nothing more to know. */
  forget(now: Date): void {
    for (const [id, { underWay, isWaiting, failures, lastFailedAt }] of this.known) {
      const isOver = failures === 0 || lastFailedAt + REMEMBERED_MS <= now.getTime()
      if (underWay === 0 && !isWaiting && isOver) this.known.delete(id)
    }
  }

  private occupy({ id }: Endpoint, attempts: number): Known | undefined {
    const known = this.known.get(id)
    if (known === undefined) return undefined
    known.underWay += attempts
    if (known.underWay > 0) this.busy.add(known)
    else this.busy.delete(known)
    return known
  }
}

/** What may be sent at once beside what is under way. */
class Room {
  private free: number
  private ofFailing: number
  private readonly ofAccount = new Map<string, number>()

  constructor(slots: number, busy: Iterable<Known>) {
    this.free = slots
    this.ofFailing = Math.min(OF_FAILING, Math.max(1, Math.floor(slots / 2)))
    for (const endpoint of busy) this.fill(endpoint, endpoint.underWay)
  }

  for({ accountId, underWay, failures }: Known): number {
    const ofEndpoint = (failures > 0 ? 1 : OF_ENDPOINT) - underWay
    const ofFailing = failures > 0 ? this.ofFailing : this.free
    return Math.max(0, Math.min(ofEndpoint, ofFailing, this.ofAccount.get(accountId) ?? OF_ACCOUNT, this.free))
  }

  fill({ accountId, failures }: Known, attempts: number): void {
    this.free -= attempts
    if (failures > 0) this.ofFailing -= attempts
    this.ofAccount.set(accountId, (this.ofAccount.get(accountId) ?? OF_ACCOUNT) - attempts)
  }
}

function isResting({ failures, lastFailedAt }: Known, now: Date): boolean {
  if (failures < FAILURES_IN_A_ROW) return false
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - FAILURES_IN_A_ROW), LONGEST_PAUSE_MS)
  return now.getTime() < lastFailedAt + pauseMs
}
