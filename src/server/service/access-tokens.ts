import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { type AccessToken, isUsable, PUBLISHABLE_SCOPES } from '../../domain/access-token'
import { createId, type RandomBytes, randomText } from '../../domain/random'
import type { KeymintWire } from '../../protocol/enumerations'
import { LicenseError } from '../../protocol/license-error'
import type { Scope } from '../../protocol/routes'
import type { Store } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import type { TokenUses } from './token-uses'

const PREFIXES = { secret: 'at_', publishable: 'pk_' } as const
const TOKEN = /^(?:at|pk)_[A-Za-z0-9_-]{49}$/
const CHECKSUM_LENGTH = 6

export interface CreateAccessToken {
  readonly name: string
  readonly kind: AccessToken['kind']
  /** Scopes of a secret token; a publishable one always has `licenses:activate` alone. */
  readonly scopes: readonly Scope[]
  /**
   * The products it may act on; null, the default, for all. A license that is for others too can be used with it, but neither
   * shown nor changed; a customer can be changed who has licenses of these products alone, or none.
   */
  readonly productIds?: readonly string[] | null
  readonly allowedAddresses?: readonly string[] | null
  /** The form of KeyMint's answers that its callers read; null, the default, where that shows in what they send. */
  readonly wire?: KeymintWire | null
  readonly expiresAt?: Date | null
}

/** A new access token: the text to hand out, shown here only, and what is kept of it. */
export interface CreatedAccessToken {
  readonly token: string
  readonly accessToken: AccessToken
}

/**
 * Makes an access token.
 * @throws {LicenseError} INVALID_REQUEST when a publishable token has no product list
 */
export async function createAccessToken(
  context: ServiceContext,
  call: Call,
  input: CreateAccessToken,
): Promise<CreatedAccessToken> {
  if (input.kind === 'publishable' && !input.productIds?.length) {
    const why = 'a publishable token needs the list of products it is for: everyone can read it'
    throw new LicenseError('INVALID_REQUEST', `productIds: ${why}`, { detail: { field: 'productIds' } })
  }
  const now = context.now()
  const token = generateToken(input.kind, context.random)
  const accessToken: AccessToken = {
    id: createId('tok', context.random),
    accountId: call.accountId,
    name: input.name,
    kind: input.kind,
    hash: hashToken(token),
    scopes: input.kind === 'publishable' ? PUBLISHABLE_SCOPES : input.scopes,
    productIds: input.productIds ?? null,
    allowedAddresses: input.allowedAddresses ?? null,
    wire: input.wire ?? null,
    expiresAt: input.expiresAt ?? null,
    revokedAt: null,
    lastUsedAt: null,
    refusedAt: null,
    headerKeyAt: null,
    queryKeyAt: null,
    createdAt: now,
  }
  const event = planEvent(context, call, now, 'access-token.created', { tokenId: accessToken.id, kind: input.kind })
  await settle(
    call,
    context.store.insertAccessToken(call.accountId, accessToken, planStep(call, now, { created: [event] })),
  )
  return { token, accessToken }
}

/**
 * Revokes an access token. Servers elsewhere that have it cached go on accepting it for the cache's time to live.
 * @throws {LicenseError} ACCESS_TOKEN_NOT_FOUND when the account has none of that id
 */
export async function revokeAccessToken(context: ServiceContext, call: Call, tokenId: string): Promise<void> {
  const now = context.now()
  const event = planEvent(context, call, now, 'access-token.revoked', { tokenId })
  const step = planStep(call, now, { revoked: [event] })
  const outcome = await settle(call, context.store.revokeAccessToken(call.accountId, tokenId, step))
  if (outcome.kind === 'gone') throw new LicenseError('ACCESS_TOKEN_NOT_FOUND', 'There is no such access token')
}

/** Finds out whose token a caller shows, with a short memory so that a request costs no look-up. */
export interface TokenAuthenticator {
  /**
   * The access token behind a text.
   * @throws {LicenseError} INVALID_ACCESS_TOKEN when it is malformed, unknown, revoked or expired
   */
  authenticate(token: string): Promise<AccessToken>
  /** Forgets what is remembered, so that a revocation made here counts at once. */
  forget(): void
}

export function createTokenAuthenticator(
  store: Store,
  now: () => Date,
  options: { readonly cacheSeconds: number; readonly cacheSize: number; readonly uses: Pick<TokenUses, 'note'> },
): TokenAuthenticator {
  const cache = new LRUCache<string, AccessToken>({
    max: options.cacheSize,
    ttl: options.cacheSeconds * 1000,
    // Elapsed time: a clock that is set back must not keep a revoked token alive.
    perf: { now: () => performance.now() },
  })
  /** How often all was forgotten. A look-up that was under way then may have found a token as it was before. */
  let generation = 0
  const lookUp = async (hash: string): Promise<AccessToken | null> => {
    for (;;) {
      const begun = generation
      const found = await store.findAccessToken(hash)
      if (begun !== generation) continue
      // Unknown tokens are not remembered: guesses must not push real ones out.
      if (found !== null && options.cacheSeconds > 0) cache.set(hash, found)
      return found
    }
  }
  const find = (hash: string) => (options.cacheSeconds > 0 ? cache.get(hash) : undefined) ?? lookUp(hash)
  return {
    async authenticate(token) {
      const accessToken = isWellFormedToken(token) ? await find(hashToken(token)) : null
      if (accessToken !== null) options.uses.note(accessToken, accessToken.revokedAt === null ? 'used' : 'refused')
      if (accessToken === null || !isUsable(accessToken, now())) {
        throw new LicenseError('INVALID_ACCESS_TOKEN', 'The access token is not valid')
      }
      return accessToken
    },
    forget() {
      generation += 1
      cache.clear()
    },
  }
}

/** 32 random bytes behind a prefix that tells the kind, and a checksum that tells typos (and lets scanners find leaks). */
function generateToken(kind: AccessToken['kind'], random: RandomBytes): string {
  const body = PREFIXES[kind] + randomText(random, 32)
  return body + checksum(body)
}

/** Settles typing errors and most guesses without a look-up. */
function isWellFormedToken(token: string): boolean {
  return TOKEN.test(token) && checksum(token.slice(0, -CHECKSUM_LENGTH)) === token.slice(-CHECKSUM_LENGTH)
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64url')
}

/** A token is 256 random bits: a fast hash is enough, and a slow one would be a way to exhaust the server. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
