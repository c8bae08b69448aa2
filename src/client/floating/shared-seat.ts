import { createHash } from 'node:crypto'
import path from 'node:path'
import { removePatiently, writeAtomically } from '../../files/atomic-file'
import { isRecord, isText, parseJson } from '../../protocol/json'
import { readSmallFile } from '../files/read-small-file'
import type { SeatGrant, SeatTarget } from './seat-requests'

/** What proves a session the next time. */
type SeatProof = Pick<SeatGrant, 'sessionId' | 'secret' | 'nonce'>

/** A proof, and how many there were before it. */
interface NumberedProof extends SeatProof {
  readonly turn: number
}

/**
 * The newest proof of a seat, as the processes of one data folder hand it on. Each heartbeat uses a nonce up: without this file
 * the processes of one app would look to each other like copies of their computer.
 */
export interface SharedSeat {
  /** Undefined where there is none, or it cannot be read. */
  read(): Promise<NumberedProof | undefined>
  /** Keeps a proof where the file has no later one. Best effort. */
  keep(proof: NumberedProof): Promise<void>
  /** Removes the file where it is about this session. Best effort. */
  forget(sessionId: string): Promise<void>
}

/** @param dataDir undefined: nothing is shared */
export function createSharedSeat(dataDir: string | undefined, productId: string, target: SeatTarget): SharedSeat {
  const file = dataDir === undefined ? undefined : path.join(dataDir, `seat-${tagOf(productId, target)}.json`)
  const read = async () => (file === undefined ? undefined : parse(await readSmallFile(file).catch(() => '')))
  return {
    read,
    async keep({ turn, sessionId, secret, nonce }) {
      if (file === undefined || ((await read())?.turn ?? 0) > turn) return
      await writeAtomically(file, JSON.stringify({ turn, sessionId, secret, nonce })).catch(() => undefined)
    },
    async forget(sessionId) {
      if (file === undefined || (await read())?.sessionId !== sessionId) return
      await removePatiently(file).catch(() => undefined)
    },
  }
}

function tagOf(productId: string, { licenseKey, hostId, userIdentifier }: SeatTarget): string {
  const seat = JSON.stringify([productId, licenseKey.toUpperCase(), hostId, userIdentifier ?? ''])
  return createHash('sha256').update(seat).digest('hex').slice(0, 16)
}

function parse(text: string): NumberedProof | undefined {
  const kept = parseJson(text)
  if (!isRecord(kept)) return undefined
  const { turn, sessionId, secret, nonce } = kept
  if (!Number.isSafeInteger(turn) || !isText(sessionId) || !isText(secret) || !isText(nonce)) return undefined
  return { turn: Number(turn), sessionId, secret, nonce }
}
