/** A webhook that may have something to send. */
export interface Endpoint {
  readonly id: string
  readonly accountId: string
  /** Whether its last attempt failed, in whatever process. */
  readonly isFailing: boolean
}

type Named = Pick<Endpoint, 'id' | 'accountId'>

/** An endpoint whose turn it is, and how many deliveries of it may go out now. */
export interface Turn {
  readonly endpoint: Named
  readonly limit: number
}

/** Attempts to one endpoint at once. */
const OF_ENDPOINT = 4
/** Attempts of one account at once. */
const OF_ACCOUNT = 20
/** Attempts at once to endpoints whose last one failed: there are always slots left for the others. */
const OF_FAILING = 10
/** The part of all slots that is for endpoints which have not answered yet as they should: half. */
const UNPROVEN_PART = 0.5
/** After so many failures in a row an endpoint is tried now and then only. */
const FAILURES_IN_A_ROW = 5
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 300_000
/** An endpoint that nothing was sent to for so long is forgotten. */
const REMEMBERED_MS = 3_600_000

interface Known extends Named {
  /** Attempts under way, and those that a turn has made room for. */
  underWay: number
  /** How many failed since one succeeded. */
  failures: number
  /** True once an attempt has succeeded. */
  isProven: boolean
  /** When the last attempt ended, in milliseconds since the epoch. */
  lastEndedAt: number
  /** True while it waits for its turn. */
  isWaiting: boolean
}

/**
 * Whose turn it is. Endpoints take turns, with few attempts each, so that none of them can take the slots of all. One whose
 * attempt failed goes on with one attempt at a time, and one that keeps failing rests between them, the longer the more often.
 * Those that have answered as they should always have slots left, however many others there are.
 */
export class Turns {
  private readonly known = new Map<string, Known>()
  /** Those that wait, in a line for each kind: where a kind has no room left, nobody else in its line is looked at. */
  private readonly lines: Record<Kind, Known[]> = { proven: [], unproven: [], failing: [] }
  /** The line that goes first. */
  private first = 0
  /** Those with attempts under way. */
  private readonly busy = new Set<Known>()

  /** @param slots how many attempts may be under way at once */
  constructor(private readonly slots: number) {}

  /** Has an endpoint wait for its turn, unless it waits already, or rests. */
  add({ id, accountId, isFailing }: Endpoint, now: Date): void {
    const failures = isFailing ? 1 : 0
    const fresh = { id, accountId, underWay: 0, failures, isProven: false, lastEndedAt: 0, isWaiting: false }
    const endpoint = this.known.get(id) ?? fresh
    this.known.set(id, endpoint)
    this.line(endpoint, now)
  }

  /** Those whose turn it is, with room made for them. The others wait on, in the same order. */
  take(now: Date): readonly Turn[] {
    const room = new Room(this.slots, this.busy)
    const turns: Turn[] = []
    this.first += 1
    for (const index of KINDS.keys()) {
      const kind = KINDS[(this.first + index) % KINDS.length] ?? 'proven'
      const line = this.lines[kind]
      const left: Known[] = []
      let looked = 0
      for (; looked < line.length && room.isLeftFor(kind); looked++) {
        const endpoint = line[looked] as Known
        // What is due of one that rests is found again.
        const rests = isResting(endpoint, now)
        const limit = rests ? 0 : room.for(endpoint)
        endpoint.isWaiting = limit === 0 && !rests
        if (endpoint.isWaiting) left.push(endpoint)
        if (limit === 0) continue
        turns.push({ endpoint, limit })
        room.fill(endpoint, limit)
        this.occupy(endpoint.id, limit)
      }
      this.lines[kind] = [...left, ...line.slice(looked)]
    }
    return turns
  }

  /** Gives back the room that a turn did not need; where it needed all of it, the endpoint may have more to send. */
  taken({ endpoint, limit }: Turn, count: number, now: Date): void {
    const known = this.occupy(endpoint.id, count - limit)
    if (count === limit) this.line(known, now)
  }

  /** An attempt has ended: well, badly, or in a way that says nothing of the endpoint. */
  ended({ id }: Named, how: 'delivered' | 'failed' | 'unknown', now: Date): void {
    const known = this.occupy(id, -1)
    if (how === 'failed') known.failures += 1
    if (how === 'delivered') {
      known.failures = 0
      known.isProven = true
    }
    known.lastEndedAt = now.getTime()
    // It may have held up the next one of its license.
    this.line(known, now)
  }

  /** Forgets endpoints of which there is nothing more to know. */
  forget(now: Date): void {
    for (const [id, { underWay, isWaiting, lastEndedAt }] of this.known) {
      if (underWay === 0 && !isWaiting && lastEndedAt + REMEMBERED_MS <= now.getTime()) this.known.delete(id)
    }
  }

  private line(endpoint: Known, now: Date): void {
    if (endpoint.isWaiting || isResting(endpoint, now)) return
    endpoint.isWaiting = true
    this.lines[kindOf(endpoint)].push(endpoint)
  }

  private occupy(id: string, attempts: number): Known {
    const known = this.known.get(id)
    if (known === undefined) throw new Error(`It was not the turn of webhook ${id}`)
    known.underWay += attempts
    if (known.underWay > 0) this.busy.add(known)
    else this.busy.delete(known)
    return known
  }
}

const KINDS = ['proven', 'unproven', 'failing'] as const
type Kind = (typeof KINDS)[number]

function kindOf({ failures, isProven }: Known): Kind {
  if (failures > 0) return 'failing'
  return isProven ? 'proven' : 'unproven'
}

/** What may be sent at once beside what is under way. */
class Room {
  private free: number
  private ofFailing: number
  private ofUnproven: number
  private readonly ofAccount = new Map<string, number>()

  constructor(slots: number, busy: Iterable<Known>) {
    this.free = slots
    this.ofFailing = Math.min(OF_FAILING, Math.max(1, Math.floor(slots / 2)))
    this.ofUnproven = Math.max(OF_ENDPOINT, Math.floor(slots * UNPROVEN_PART))
    for (const endpoint of busy) this.fill(endpoint, endpoint.underWay)
  }

  isLeftFor(kind: Kind): boolean {
    // One that fails may be proven.
    return this.leftFor(kind === 'failing', kind !== 'unproven') > 0
  }

  for({ accountId, underWay, failures, isProven }: Known): number {
    const ofEndpoint = (failures > 0 ? 1 : OF_ENDPOINT) - underWay
    const ofAccount = this.ofAccount.get(accountId) ?? OF_ACCOUNT
    return Math.max(0, Math.min(ofEndpoint, ofAccount, this.leftFor(failures > 0, isProven)))
  }

  private leftFor(isFailing: boolean, isProven: boolean): number {
    const left = isFailing ? Math.min(this.free, this.ofFailing) : this.free
    return isProven ? left : Math.min(left, this.ofUnproven)
  }

  fill({ accountId, failures, isProven }: Known, attempts: number): void {
    this.free -= attempts
    if (failures > 0) this.ofFailing -= attempts
    if (!isProven) this.ofUnproven -= attempts
    this.ofAccount.set(accountId, (this.ofAccount.get(accountId) ?? OF_ACCOUNT) - attempts)
  }
}

function isResting({ failures, lastEndedAt }: Known, now: Date): boolean {
  if (failures < FAILURES_IN_A_ROW) return false
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - FAILURES_IN_A_ROW), LONGEST_PAUSE_MS)
  return now.getTime() < lastEndedAt + pauseMs
}
