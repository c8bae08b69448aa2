import * as z from 'zod'
import { LENGTHS } from '../bounds'
import { PROOF_ALGORITHM, PROOF_TYP } from '../proof'

/** base64url of 32 bytes, of the two spellings that decoders take for the same bytes the one without stray bits. */
const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** The protected header of a proof, of which a verifier understands all that changes its meaning. */
export const proofHeader = z.object({
  typ: z.literal(PROOF_TYP),
  alg: z.literal(PROOF_ALGORITHM),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: bytes32, d: z.never().exactOptional() }),
  crit: z.never().exactOptional(),
})

export const proofClaims = z.object({
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,128}$/),
  htm: z.string(),
  htu: z.url({ protocol: /^https?$/ }).max(LENGTHS.url[1]),
  iat: z.number(),
  ath: z.string(),
  nonce: z.string().optional(),
  jkt: z.string().optional(),
})
