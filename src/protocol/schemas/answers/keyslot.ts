import { z } from 'zod'
import type { JwkSet } from '../../jwk'
import { licenseToken } from './license-token'
import { answerComponents, COMPACT_JWS, code } from './parts'

/** What family D, keyslot's own routes, answers. */

export const validation = z
  .union([
    z.object({ code, valid: z.literal(true), licenseToken }),
    z.object({
      code,
      valid: z.literal(false),
      reason: z
        .enum(['expired', 'not-activated', 'wrong-host', 'wrong-product', 'revoked'])
        .describe('`revoked`: the license is blocked, or its customer disabled.'),
    }),
  ])
  .register(answerComponents, { id: 'Validation' })

const publicJwk = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().describe('base64url of the 32 public bytes.'),
    kid: z.string().describe('base64url of the SHA-256 of the SPKI DER.'),
    alg: z.literal('EdDSA'),
    use: z.literal('sig'),
  })
  .describe('An Ed25519 public key (RFC 8037 §2).')
  .register(answerComponents, { id: 'PublicJwk' })

export const jwkSet = z
  .object({ keys: z.array(publicJwk).min(1).describe('The current key first, then retired ones still trusted.') })
  .register(answerComponents, { id: 'JwkSet' }) satisfies z.ZodType<JwkSet>

export const revocationList = z
  .string()
  .regex(COMPACT_JWS)
  .meta({
    contentMediaType: 'application/jwt',
    contentSchema: { $ref: '#/components/schemas/RevocationListClaims' },
    description: 'A compact JWS signed with Ed25519; see RevocationListClaims.',
  })
  .register(answerComponents, { id: 'RevocationList' })

export const openapiDocument = z
  .looseObject({ openapi: z.string().regex(/^3\.1\.\d+$/), info: z.looseObject({}), paths: z.looseObject({}) })
  .describe('An OpenAPI 3.1 document.')
  .register(answerComponents, { id: 'OpenapiDocument' })

export const healthy = z.object({ status: z.literal('ok') }).register(answerComponents, { id: 'Healthy' })

export const unhealthy = z
  .object({ status: z.literal('unavailable') })
  .describe('Storage does not answer.')
  .register(answerComponents, { id: 'Unhealthy' })

export const page = z.string().describe('A file of the API page.')
