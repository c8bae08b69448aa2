import { createHash } from 'node:crypto'
import { networkOf } from './network'

/** What is known of a host whose keys renew from different networks. A few bytes, and no address. */
export interface Sharing {
  /** The day of the sighting below, in days since 1970, UTC. */
  readonly day: number
  /** How the thumbprint of the key begins that was seen first on that day. */
  readonly key: string
  /** The network it was seen in: see {@link markOfNetwork}. */
  readonly network: string
  /** The latest days on which another key was seen in another network, at most three. */
  readonly days: readonly number[]
}

/** A key of a host that renews. */
export interface Sighting {
  /** All keys of the user: one that was lost and succeeded is no other. */
  readonly keys: readonly string[]
  /** Its network; null where that is not known. */
  readonly network: string | null
  readonly now: Date
}

const DAY_MS = 86_400_000
const DAYS_NEEDED = 3
const WITHIN_DAYS = 30
const KEY_LENGTH = 8

/**
 * What a sighting comes to. Only another key than the day's first, in another network than that one, makes the day one of
 * sharing: one key that travels does not, and neither do all users of a computer behind one network. IPv4 and IPv6 are not
 * compared: a computer has both at once.
 *
 * @returns `isTold` on the third such day within 30 and on each after it, once a day
 */
export function decideSharing(
  known: Sharing | null,
  { keys, network, now }: Sighting,
): { readonly sharing: Sharing | null; readonly isTold: boolean } {
  const [key] = keys
  if (network === null || key === undefined) return { sharing: known, isTold: false }
  const day = Math.floor(now.getTime() / DAY_MS)
  const days = known?.days ?? []
  if (known?.day !== day) return { sharing: { day, key: key.slice(0, KEY_LENGTH), network, days }, isTold: false }
  const isSameKey = keys.some((one) => one.startsWith(known.key))
  const isSameNetwork = network === known.network || network[0] !== known.network[0]
  if (isSameKey || isSameNetwork || days.includes(day)) return { sharing: known, isTold: false }
  const after = [...days.filter((one) => one > day - WITHIN_DAYS), day].slice(-DAYS_NEEDED)
  return { sharing: { ...known, days: after }, isTold: after.length === DAYS_NEEDED }
}

/**
 * What a network is told apart by: `4` or `6`, and 16 bits of a hash, salted for the host. So many networks share each that it
 * names none.
 */
export function markOfNetwork(salt: string, address: string | null): string | null {
  if (address === null || address === '') return null
  const network = networkOf(address)
  const digest = createHash('sha256').update(`${salt}\0${network}`).digest('hex').slice(0, 4)
  return `${network.includes(':') ? '6' : '4'}${digest}`
}
