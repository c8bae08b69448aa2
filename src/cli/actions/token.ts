import { type AccessToken, isUsable } from '../../domain/access-token'
import { addDuration, type CalendarDuration } from '../../domain/calendar'
import type { KeymintWire } from '../../protocol/enumerations'
import { SCOPES, type Scope } from '../../protocol/routes'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findProduct } from '../find-product'
import { type OpenStore, readStore, withStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell, formatFields } from '../table'

export interface CreateTokenOptions extends StoreOptions {
  readonly publishable?: true
  readonly scopes?: readonly string[]
  /** Products by id or package id. */
  readonly product?: readonly string[]
  readonly addresses?: readonly string[]
  readonly wire?: KeymintWire
  readonly expires?: Date
  readonly validFor?: CalendarDuration
}

export function createToken(name: string, options: CreateTokenOptions): Promise<void> {
  const scopes = scopesIn(options)
  return withStore(options, async (store) => {
    const { token, accessToken } = await store.licensing.accessTokens.create({
      name,
      kind: options.publishable ? 'publishable' : 'secret',
      scopes,
      productIds: await productIdsIn(store, options),
      allowedAddresses: options.addresses ?? null,
      wire: options.wire ?? null,
      expiresAt: options.validFor ? addDuration(new Date(), options.validFor) : (options.expires ?? null),
    })
    if (options.json) return printJson({ token, ...toJson(accessToken) })
    print(formatFields([['Token', paint('bold', token)], ...fieldsOf(accessToken)]))
    print('\nThe token is shown this once.')
  })
}

export function listTokens(options: ListOptions): Promise<void> {
  return readStore(options, async ({ licensing }) => {
    const page = await licensing.accessTokens.list(pageOf(options))
    const headings = ['ID', 'NAME', 'KIND', 'STATUS', 'LAST USED', 'EXPIRES', 'WIRE', 'PRODUCTS', 'SCOPES']
    printPage(page, options, { headings, row: toRow }, toJson)
  })
}

export function revokeToken(tokenId: string, options: StoreOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    const { items } = await licensing.accessTokens.list({ limit: MAX_TOKENS })
    const token = items.find(({ id }) => id === tokenId)
    await licensing.accessTokens.revoke(tokenId)
    if (options.json) return printJson({ id: tokenId, revoked: true, lastUsedAt: token?.lastUsedAt ?? null })
    print(`${tokenId} is revoked.`)
    const warning = token && warningOf(token, new Date())
    if (warning !== undefined) print(`\n${paint('yellow', warning)}`)
  })
}

/** What revoking does to those who used the token lately; undefined where nobody did. */
function warningOf({ kind, revokedAt, lastUsedAt, refusedAt }: AccessToken, now: Date): string | undefined {
  const last = revokedAt === null ? lastUsedAt : refusedAt
  if (last === null || now.getTime() - last.getTime() > LATELY_MS) return undefined
  const used = `It was in use until ${cell(last)}, to within an hour.`
  if (kind === 'secret') return `${used} What uses it is refused from now on.`
  return (
    `${used} Apps that ship it can neither activate nor renew from now on, and stop when their license tokens and grace ` +
    'have ended: ship a release with another token. Event access-token.revoked-used tells who still uses it.'
  )
}

/** No account has as many. */
const MAX_TOKENS = 10_000
/** As long as a license token is good for by default. */
const LATELY_MS = 14 * 86_400_000

/** The scopes of the token. A secret token needs the option: leaving it out must not mean all scopes. */
function scopesIn({ publishable, scopes }: CreateTokenOptions): readonly Scope[] {
  if (publishable) {
    if (scopes !== undefined) throw new UsageError('a publishable token has its one scope; leave --scopes out')
    return []
  }
  if (scopes === undefined || scopes.length === 0) {
    throw new UsageError('a secret token needs --scopes, such as licenses:write,licenses:read, or all')
  }
  if (scopes.length === 1 && scopes[0] === 'all') return SCOPES
  const unknown = scopes.find((scope) => !isScope(scope))
  if (unknown !== undefined)
    throw new UsageError(`there is no scope ${unknown}; there are ${SCOPES.join(', ')}, and all`)
  return scopes.filter(isScope)
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

async function productIdsIn(store: OpenStore, options: CreateTokenOptions): Promise<string[] | null> {
  const { publishable, product: named } = options
  if (named === undefined && !publishable) return null
  const products = await Promise.all((named ?? [undefined]).map((product) => findProduct(store, product)))
  return products.map(({ id }) => id)
}

function fieldsOf(token: AccessToken): readonly (readonly [string, string])[] {
  return [
    ['Id', token.id],
    ['Name', cell(token.name)],
    ['Kind', token.kind],
    ['Scopes', cell(token.scopes.join(', '))],
    ['Products', productsOf(token)],
    ['Addresses', token.allowedAddresses === null ? 'any' : cell(token.allowedAddresses.join(', '))],
    ['Wire', wireOf(token)],
    ['Expires', token.expiresAt === null ? 'never' : cell(token.expiresAt)],
  ]
}

function toRow(token: AccessToken): readonly string[] {
  return [
    token.id,
    cell(token.name),
    token.kind,
    statusOf(token),
    lastUseOf(token),
    token.expiresAt === null ? 'never' : cell(token.expiresAt),
    wireOf(token),
    productsOf(token),
    token.scopes.length === SCOPES.length ? 'all' : cell(token.scopes.join(', ')),
  ]
}

/** A token without its hash, which stays in the store. */
function toJson(token: AccessToken) {
  const {
    id,
    name,
    kind,
    scopes,
    productIds,
    allowedAddresses,
    wire,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    refusedAt,
  } = token
  return {
    id,
    name,
    kind,
    status: statusOf(token),
    scopes,
    productIds,
    allowedAddresses,
    wire,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    refusedAt,
  }
}

function productsOf({ productIds }: AccessToken): string {
  return productIds === null ? 'all' : cell(productIds.join(', '))
}

/** The form of KeyMint's answers. */
function wireOf({ wire }: AccessToken): string {
  return wire ?? 'as shown'
}

/** Of a revoked token, when somebody tried it last. */
function lastUseOf({ revokedAt, lastUsedAt, refusedAt }: AccessToken): string {
  const last = (revokedAt === null ? null : refusedAt) ?? lastUsedAt
  return last === null ? 'never' : cell(last)
}

function statusOf(token: AccessToken): 'active' | 'revoked' | 'expired' {
  if (isUsable(token, new Date())) return 'active'
  return token.revokedAt === null ? 'expired' : 'revoked'
}
