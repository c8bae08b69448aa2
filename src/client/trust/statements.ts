import { BRIDGE_TYP, MOVED_TYP } from '../../protocol'
import { isRecord } from '../../protocol/json'
import { createNewestFile, fileIn } from '../files/newest-file'
import type { LicenseCheck } from '../words/license-check'
import { type Bridge, type CarriedToken, carryOver, readBridge } from './bridge'
import { addBridge, type Bridges, readBridges } from './bridges'
import { decodePart } from './decode-jws'
import { type Moved, readMoved, readMovedFile } from './moved'
import { type Reader, refuseAhead, statementRefusal } from './statement-payload'
import type { KeySource } from './trusted-keys'

/**
 * What the vendor has stated of a server that is lost or has moved. Each kind has a file, which holds the newest statement as
 * it was signed, of bridges the newest of each date of loss; every load verifies it. A statement whose key is revoked by now counts as none.
 */
export interface Statements {
  /** What a check says under the bridges, where there are any; see `carryOver`. */
  carryOver(token: CarriedToken, judged: LicenseCheck): Promise<LicenseCheck>
  /** Where the server is that was at this address; undefined where nothing was stated of it. */
  movedFrom(serverUrl: string): Promise<string | undefined>
  /**
   * Takes a statement.
   * @param serverUrl the address that the app names
   * @param knownTime Unix seconds
   * @returns a bridge, with what it revokes; undefined for a statement of the other kind
   * @throws {LicenseError} STATEMENT_UNTRUSTED, STATEMENT_MALFORMED; STATEMENT_OUTDATED when a newer one is known
   */
  take(statement: string, serverUrl: string, knownTime: number): Promise<Bridge | undefined>
  /** Before this time the process asks no second address, in milliseconds of the monotonic clock. */
  nextLook: number
  /** The look under way. */
  looking: Promise<void> | undefined
}

interface StatementParts {
  /** Undefined: memory only. */
  readonly dataDir: string | undefined
  readonly trustedKeys: KeySource
  readonly config: Pick<Reader, 'issuer' | 'productId'>
}

/** Ours have 120 characters. A long one of brackets alone would stop the event loop for seconds. */
const MAX_HEADER_LENGTH = 1_024

export function createStatements({ dataDir, trustedKeys, config }: StatementParts): Statements {
  const { issuer, productId } = config
  const reader = async (): Promise<Reader> => ({ trustStore: await trustedKeys.current(), issuer, productId })
  const keys = () => trustedKeys.current()
  const bridges = createNewestFile<Bridges>(
    fileIn(dataDir, 'bridge.jws'),
    async (text) => await readBridges(text, await reader()),
    keys,
  )
  const moves = createNewestFile<Moved>(
    fileIn(dataDir, 'moved.jws'),
    async (text) => await readMovedFile(text, await reader()),
    keys,
  )
  async function takeMoved(offered: Moved, knownTime: number): Promise<void> {
    refuseAhead(offered, knownTime)
    await moves.take((known) => {
      if (known !== undefined && known.iat > offered.iat) throw statementRefusal('STATEMENT_OUTDATED')
      return known?.join(offered) ?? offered
    })
  }
  return {
    nextLook: Number.NEGATIVE_INFINITY,
    looking: undefined,
    async carryOver(token, judged) {
      const { all = [] } = (await bridges.newest()) ?? {}
      return carryOver(all, token, judged)
    },
    async movedFrom(serverUrl) {
      const moved = await moves.newest()
      return moved?.from === serverUrl ? moved.serverUrl : undefined
    },
    async take(statement, serverUrl, knownTime) {
      switch (typeOf(statement)) {
        case BRIDGE_TYP: {
          const bridge = await readBridge(statement, await reader())
          refuseAhead(bridge, knownTime)
          await bridges.take((known) => addBridge(known, bridge))
          return bridge
        }
        case MOVED_TYP:
          await takeMoved(await readMoved(statement, serverUrl, await reader()), knownTime)
          return undefined
        default:
          throw statementRefusal('STATEMENT_MALFORMED')
      }
    },
  }
}

/** The `typ` in a statement's header, not verified; undefined also for a header that is longer than any of ours. */
export function typeOf(statement: string): unknown {
  const end = statement.slice(0, MAX_HEADER_LENGTH).indexOf('.')
  const header = end < 0 ? undefined : decodePart(statement.slice(0, end), 0)
  return isRecord(header) ? header.typ : undefined
}
