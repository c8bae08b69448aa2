import * as z from 'zod'
import type { KeyStatementClaims } from '../../key-statement'
import { LICENSE_TOKEN_TYPE, type LicenseGrant, type LicenseTokenClaims, SIGNS_ANSWERS } from '../../license-token'
import type { RevocationListClaims } from '../../revocation-list'
import type { SignedAnswerClaims, SignedTimeClaims } from '../../signed-answer'
import { answerComponents, COMPACT_JWS } from './parts'

const unixSeconds = z.int().min(0)

/** What a license token says, for those who read one: no endpoint answers it bare. */
const licenseTokenClaims = z
  .object({
    iss: z.string().describe('Who signed it: the option `issuer` of the server, by default `keyslot`.'),
    aud: z.string().describe('The product id; equal to `productId`.'),
    productId: z.string(),
    sub: z.string().describe('The license key; equal to `key`.'),
    key: z.string(),
    machine: z.string().describe('The hostId the token is good on.'),
    type: z.literal(LICENSE_TOKEN_TYPE),
    jti: z.string().describe('Names the activation: the same in every renewal, until its tokens are revoked.'),
    lid: z.string().describe("The license's id: what revocations go by."),
    stamp: z
      .int()
      .min(0)
      .describe('In Unix milliseconds. A revocation ends the tokens whose stamp is not above its own.'),
    ans: z
      .literal(SIGNS_ANSWERS)
      .exactOptional()
      .describe('The server signs a no to a request with header `Keyslot-Nonce`: take no unsigned one.'),
    nonce: z
      .string()
      .exactOptional()
      .describe('That of the request which the token answers, so that it is no older answer; in no license file.'),
    ren: z
      .int()
      .min(0)
      .exactOptional()
      .describe('Its number, for `renewal` of the next `/key/validate`; where there is a `cnf`.'),
    iat: unixSeconds.describe('When it was signed, in Unix seconds.'),
    nbf: unixSeconds.describe('From when it is good, in Unix seconds.'),
    exp: unixSeconds.describe(
      "Until when it is good without contact, in Unix seconds: the earliest of the license's expiry, the activation's, " +
        "and now plus the product's offline lifetime (14 days by default).",
    ),
    license: z.object({
      expiresAt: z
        .string()
        .nullable()
        .describe("When the license, or this host's activation, ends for good: ISO 8601; null: never."),
      entitlements: z.array(z.string()).describe("The product's entitlements."),
      metadata: z.record(z.string(), z.unknown()).nullable().describe('What the vendor attached to the license.'),
      customerName: z.string().nullable().describe('Whom the license is for.'),
      refreshAfter: unixSeconds.describe('When a client should renew the token, in Unix seconds.'),
      graceSeconds: z
        .int()
        .min(0)
        .describe('How long past `exp` a check passes with a warning, in seconds; never past `expiresAt`.'),
    }),
    cnf: z
      .object({ jkt: z.string().describe("The key's JWK thumbprint (RFC 7638).") })
      .exactOptional()
      .describe('The key its host must hold (RFC 7800 §3.1), where the activation is bound to one.'),
  })
  .describe(
    'The claims of a license token. Its header is `{"alg": "EdDSA", "kid": …, "typ": "JWT"}`. A verifier pins EdDSA, ' +
      'finds `kid` in its own trust store, allows at most 5 minutes of skew at `nbf` and `exp`, and demands that ' +
      '`productId` and `machine` are its own, and, where there is a `cnf`, that it holds that key.',
  )
  .register(answerComponents, { id: 'LicenseTokenClaims' })

export const licenseToken = z
  .string()
  .regex(COMPACT_JWS)
  .meta({
    contentMediaType: 'application/jwt',
    contentSchema: { $ref: '#/components/schemas/LicenseTokenClaims' },
    description: 'A compact JWS signed with Ed25519, for checks without the server; see LicenseTokenClaims.',
  })
  .register(answerComponents, { id: 'LicenseToken' })

/** What the revocation list says. */
const revocationListClaims = z
  .object({
    iss: z.string().describe('Who signed it: the option `issuer` of the server, by default `keyslot`.'),
    iat: unixSeconds.describe('When it was signed, in Unix seconds.'),
    product: z.string().nullable().describe('The id of the product it is about; null: all products.'),
    entries: z
      .array(
        z
          .tuple([
            z.string().length(16).describe('What is revoked; see `RevocationListClaims`.'),
            z.int().min(0).describe('Tokens whose `stamp` is not above this one are revoked. Unix milliseconds.'),
            unixSeconds.describe('When the last of them can be of use, grace included, in Unix seconds.'),
          ])
          .readonly(),
      )
      .describe('At most 100,000.'),
  })
  .describe(
    'The claims of a revocation list. Its header has `typ` `keyslot-revocations+jwt`. An entry names a license, one host ' +
      'of it or one proof key of that host, by base64url of the first 96 bits of SHA-256 over these parts with U+0000 ' +
      'between them: `keyslot-license`, `lid`; or `keyslot-activation`, `lid`, `machine`; or `keyslot-proof-key`, `lid`, ' +
      '`machine`, `cnf.jkt`. Lists have no version: keep an entry until a signed time has passed its end.',
  )
  .register(answerComponents, { id: 'RevocationListClaims' })

/** What a key statement says. */
const keyStatementClaims = z
  .object({
    iss: z.string().describe('Who signed it: the option `issuer` of the server, by default `keyslot`.'),
    iat: unixSeconds.describe('When the keys last changed, in Unix seconds.'),
    version: z
      .int()
      .min(0)
      .describe('When the keys last changed, in Unix milliseconds: grows with every change. Refuse a lower one.'),
    keys: z
      .array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }))
      .min(1)
      .describe('The keys to trust (RFC 8037 §2), the current one first. Compute the `kid` yourself.'),
    revoked: z.array(z.string()).describe('The `kid`s of keys not to trust any more, whoever vouches for them.'),
  })
  .describe(
    'The claims of a key statement, by which a verifier that pins keys learns of others. Its header has `typ` ' +
      '`keyslot-keys+jwt`. Take one only if it is signed with a key you trust already.',
  )
  .register(answerComponents, { id: 'KeyStatementClaims' })

export const keyStatement = z
  .string()
  .regex(COMPACT_JWS)
  .meta({
    contentMediaType: 'application/jwt',
    contentSchema: { $ref: '#/components/schemas/KeyStatementClaims' },
    description: 'A compact JWS signed with Ed25519; see KeyStatementClaims.',
  })
  .register(answerComponents, { id: 'KeyStatement' })

/** What a signed no says. */
const signedAnswerClaims = z
  .object({
    iss: z.string().describe('Who signed it: the option `issuer` of the server, by default `keyslot`.'),
    iat: unixSeconds.describe('When it was signed, in Unix seconds.'),
    nonce: z.string().describe('That of header `Keyslot-Nonce` of the request.'),
    code: z.string().describe('That of header `Keyslot-Error`; with `valid: false`, its `reason`.'),
    product: z.string().nullable().describe('The `productId` of the request; null where it named none.'),
    license: z
      .string()
      .length(16)
      .nullable()
      .describe(
        'The `licenseKey` of the request: base64url of the first 96 bits of SHA-256 over `keyslot-asked`, U+0000 and the key ' +
          'as it was sent; null where it named none.',
      ),
    host: z.string().nullable().describe('The `hostId` of the request; null where it named none.'),
    session: z.string().exactOptional().describe('The `sessionId` of the request, where it named one.'),
    proof: z
      .string()
      .exactOptional()
      .describe('The JWK thumbprint of the key that the request proved; absent where the server saw no proof.'),
  })
  .describe(
    'The claims of a signed no. Its header has `typ` `keyslot-answer+jwt`. It counts for the request that had this nonce ' +
      'and these fields, and for no other; where a proof was sent and `proof` is absent, it was stripped on the way.',
  )
  .register(answerComponents, { id: 'SignedAnswerClaims' })

/** What a signed time says. */
const signedTimeClaims = z
  .object({
    iss: z.string().describe('Who signed it: the option `issuer` of the server, by default `keyslot`.'),
    iat: unixSeconds.describe("The server's time, in Unix seconds."),
    nonce: z.string().describe('The one that was sent.'),
  })
  .describe('The claims of a signed time. Its header has `typ` `keyslot-time+jwt`.')
  .register(answerComponents, { id: 'SignedTimeClaims' })

/** Compiles only while the schemas say what the types say. */
type Exact<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }
type Claims = z.output<typeof licenseTokenClaims>
const agreements: readonly [
  Exact<Omit<Claims, 'license'>, Mutable<Omit<LicenseTokenClaims, 'license'>>>,
  Exact<Claims['license'], Mutable<LicenseGrant>>,
  Exact<z.output<typeof revocationListClaims>, Mutable<RevocationListClaims>>,
  Exact<z.output<typeof signedAnswerClaims>, Mutable<SignedAnswerClaims>>,
  Exact<z.output<typeof signedTimeClaims>, Mutable<SignedTimeClaims>>,
  Exact<Omit<z.output<typeof keyStatementClaims>, 'keys'>, Mutable<Omit<KeyStatementClaims, 'keys'>>>,
] = [true, true, true, true, true, true]
void agreements
