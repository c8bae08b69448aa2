import * as z from 'zod'
import type { JwkSet } from '../../jwk'
import { activatedKey } from './keymint'
import { keyStatement, licenseToken } from './license-token'
import { activations, answerComponents, COMPACT_JWS, code, expiry, instant, key } from './parts'

/** What family D, keyslot's own routes, answers. */

export const validation = z
  .union([
    z.object({ code, valid: z.literal(true), licenseToken }),
    z.object({
      code,
      valid: z.literal(false),
      reason: z
        .enum(['expired', 'not-activated', 'activation-revoked', 'wrong-host', 'wrong-product', 'revoked'])
        .describe(
          '`revoked`: the license is blocked, or its customer disabled. `activation-revoked`: the host was freed, moved or ' +
            'replaced, and its license tokens of then have not ended. `not-activated`: the server knows of no slot of the host.',
        ),
    }),
  ])
  .register(answerComponents, { id: 'Validation' })

const deviceUser = z
  .object({
    user: z.string().describe('Names the user of the device: what `/key/devices/drop-user` takes. Opaque.'),
    since: instant.describe('When the user came.'),
    lastSeenAt: instant.describe('When the user was last seen, to five minutes.'),
    thisUser: z.boolean().describe('Whether it is the one whose key was shown.'),
  })
  .register(answerComponents, { id: 'DeviceUser' })

const ownDevice = z
  .object({
    device: z.string().describe('Names the device: what `/key/devices/free` and `replaceDevice` take. Opaque.'),
    deviceTag: z.string().nullable().describe('What the app calls the device; null where it calls it nothing.'),
    activatedAt: instant,
    lastSeenAt: instant.describe('When it last activated or validated, to five minutes.'),
    thisDevice: z.boolean().describe('Whether it is the host that `hostId` named.'),
    resting: z
      .boolean()
      .describe('Given up, but its slot is not free until the license tokens it was given have ended.'),
    users: z
      .array(deviceUser)
      .describe('Who uses it, by the keys they show, the oldest first; none where it never showed a key.'),
  })
  .register(answerComponents, { id: 'OwnDevice' })

export const listedDevices = z
  .object({
    code,
    maxActivations: z.int().min(1).nullable().describe('Activation limit; null: unlimited.'),
    activations,
    devices: z.array(ownDevice).describe('The newest 1,000.'),
  })
  .register(answerComponents, { id: 'ListedDevices' })

export const freedDevice = z
  .object({ code, message: z.literal('Device freed') })
  .register(answerComponents, { id: 'FreedDevice' })

export const droppedUser = z
  .object({ code, message: z.literal('User dropped') })
  .register(answerComponents, { id: 'DroppedUser' })

const thumbprint = z.string().describe('A JWK thumbprint (RFC 7638).')

const hostUser = z
  .object({
    key: thumbprint.describe('The key that the user shows, by its JWK thumbprint (RFC 7638).'),
    recoveryKey: thumbprint.nullable().describe('The key that the user can derive anew; null where none was shown.'),
    formerKeys: z.array(thumbprint).describe('Lost keys of the user, the latest first.'),
    boundAt: instant,
    usedAt: instant.describe('When the user was last seen, to five minutes.'),
    tokensEndAt: instant.describe('Until when a license token given to the user can be of use.'),
    until: expiry.describe('Set for one user too many: until when it is given license tokens.'),
    leftAt: expiry.describe('Since when the user has given the host up; null while it has not.'),
    droppedAt: expiry.describe('Since when the user is dropped, for good; null while it is not.'),
  })
  .register(answerComponents, { id: 'HostUser' })

export const listedHostUsers = z
  .object({
    code,
    hosts: z
      .array(
        z.object({
          hostId: z.string().describe('The host, as it named itself.'),
          users: z.array(hostUser).describe('In the order in which they came, which is their seniority.'),
        }),
      )
      .describe('The newest 10,000 hosts, those without a key too.'),
  })
  .register(answerComponents, { id: 'ListedHostUsers' })

export const startedTrial = activatedKey
  .extend({
    licenseKey: key,
    trialEndsAt: expiry.describe('When the trial ends, for this host for good; null: the vendor has let it go on.'),
  })
  .register(answerComponents, { id: 'StartedTrial' })

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
  .object({
    keys: z.array(publicJwk).min(1).describe('The current key first, then retired ones still trusted.'),
    statements: z
      .array(keyStatement)
      .min(1)
      .exactOptional()
      .describe('The same statement, signed with one key each. Absent while there is one key and none was revoked.'),
  })
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

export const signedTime = z
  .string()
  .regex(COMPACT_JWS)
  .meta({
    contentMediaType: 'application/jwt',
    contentSchema: { $ref: '#/components/schemas/SignedTimeClaims' },
    description: 'A compact JWS signed with Ed25519; see SignedTimeClaims.',
  })
  .register(answerComponents, { id: 'SignedTime' })

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
