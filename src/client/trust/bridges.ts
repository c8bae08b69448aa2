import type { Signed } from '../files/newest-file'
import { type Bridge, readBridge } from './bridge'
import { type Reader, statementRefusal } from './statement-payload'

/** The bridges that an app keeps: the newest of each date of loss. The file holds one per line. */
export interface Bridges extends Signed<Bridges> {
  /** The earliest loss first. */
  readonly all: readonly Bridge[]
}

/** A vendor who extends a bridge needs two. */
export const MAX_BRIDGES = 4
/** As long a file can be read. */
const MAX_LENGTH = 33_554_432

/** Keeps the newest bridge of each date of loss, and of these the newest ones. */
export function bridgesOf(given: readonly Bridge[]): Bridges {
  const all = newestOf(given)
  const bridges: Bridges = {
    all,
    text: all.map(({ text }) => text).join('\n'),
    join(other) {
      const both = bridgesOf([...all, ...other.all])
      return both.text === bridges.text ? bridges : both
    },
  }
  return bridges
}

/**
 * Adds a bridge to those that are known.
 * @throws {LicenseError} STATEMENT_OUTDATED when a newer one of that date is known, or enough newer ones
 */
export function addBridge(known: Bridges | undefined, offered: Bridge): Bridges {
  const both = bridgesOf([...(known?.all ?? []), offered])
  const kept = both.all.find(({ lostAt }) => lostAt === offered.lostAt)
  if (kept === undefined || kept.iat > offered.iat) throw statementRefusal('STATEMENT_OUTDATED')
  return both.text === known?.text ? known : both
}

/**
 * Reads the file. A bridge in it that is not good takes nothing away from the others.
 * @throws {LicenseError} STATEMENT_UNTRUSTED, STATEMENT_MALFORMED when none is good
 */
export async function readBridges(text: string, reader: Reader): Promise<Bridges> {
  const read = await Promise.allSettled(text.split('\n', MAX_BRIDGES).map((line) => readBridge(line, reader)))
  const good = read.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const [first] = read
  if (good.length === 0 && first?.status === 'rejected') throw first.reason
  return bridgesOf(good)
}

function newestOf(given: readonly Bridge[]): readonly Bridge[] {
  const newestFirst = [...given].sort((one, other) => other.iat - one.iat)
  const kept = new Map<number, Bridge>()
  let length = 0
  for (const bridge of newestFirst) {
    length += kept.has(bridge.lostAt) ? 0 : bridge.text.length + 1
    if (kept.has(bridge.lostAt) || kept.size === MAX_BRIDGES || length > MAX_LENGTH) continue
    kept.set(bridge.lostAt, bridge)
  }
  return [...kept.values()].sort((one, other) => one.lostAt - other.lostAt)
}
