import { isRecord } from '../../protocol/json'
import { decodePart } from '../trust/decode-jws'
import { type ProofKey, thumbprintOf } from '../trust/proof-key'
import type { Answer } from './answer'

/** One try, and what came with its answer. */
export interface Evidence {
  readonly request: { readonly body: Readonly<Record<string, unknown>>; readonly proofKey?: ProofKey | undefined }
  /** The nonce that the try carried. */
  readonly nonce: string
  /** Header `Keyslot-Answer`, not verified. */
  readonly signed: string | null
  /** The time that is left, for asking the server about a signing key. */
  readonly remainingMs: number
}

/** Says what an answer is worth, given what came with it. */
export type Judge = (answer: Answer, evidence: Evidence) => Promise<Answer>

/** An answer that anybody on the way can have made. Another try would most likely be answered the same. */
export const NOBODYS_ANSWER = { kind: 'inconclusive', code: 'ANSWER_ALTERED', transient: false } as const

/**
 * Whether the proof of a try was stripped on the way. "Proof of possession required" answers a request without one, or with
 * another key's; the server says in its signed answer which key it saw. Nothing is verified here: who strips a header by
 * mistake forges none.
 */
export function isStripped(answer: Answer, { request, signed }: Evidence): boolean {
  if (answer.kind !== 'refused' || answer.code !== 'PROOF_REQUIRED' || request.proofKey === undefined) return false
  const claims = decodePart(signed ?? '', 1)
  return !isRecord(claims) || claims.proof !== thumbprintOf(request.proofKey)
}
