import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { LENGTHS } from '../../protocol/bounds'
import { MAX_REVOCATIONS, type RevocationEntry } from '../../protocol/revocation-list'
import { printableAscii } from '../../protocol/schemas/primitives'
import { signRevocationList } from '../signing/revocation-list'
import type { ServiceContext } from './context'
import { productMissing } from './refusals'

/** A signed list is served so long before it is made anew: everyone fetches it. */
const REUSE_SECONDS = 30
/** Lists of more products than this are made for each caller. */
const MAX_KEPT_LISTS = 1000

const anyId = printableAscii(LENGTHS.importedId)

/** A signed revocation list, as it is served. */
export interface PublishedList {
  /** A compact JWS. */
  readonly text: string
  /** The text, compressed. */
  readonly gzipped: Buffer
  /** Another one where the entries or the signing key are others, whenever it was signed. */
  readonly etag: string
}

/**
 * Gives the signed revocation list of a product, or of all products, at most half a minute old. Warns once when a list has
 * grown to half of what clients take.
 */
export class RevocationLister {
  /** By product id; `null` for all products. */
  private readonly kept = new Map<string | null, { readonly at: number; readonly list: Promise<PublishedList> }>()
  private readonly warned = new Set<string | null>()

  constructor(
    private readonly context: ServiceContext,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * @param productId null for all products
   * @throws {LicenseError} PRODUCT_NOT_FOUND
   */
  async list(productId: string | null): Promise<PublishedList> {
    // What can be no id is not looked up: not every database takes every text.
    if (productId !== null && !anyId.safeParse(productId).success) throw productMissing()
    const now = this.context.now()
    const known = this.kept.get(productId)
    // A clock that was put back must not keep an old list alive.
    if (known !== undefined && Math.abs(now.getTime() - known.at) < REUSE_SECONDS * 1000) return known.list
    const fresh = { at: now.getTime(), list: this.make(productId, now) }
    if (known !== undefined || this.kept.size < MAX_KEPT_LISTS) this.kept.set(productId, fresh)
    // A failure is not kept.
    fresh.list.catch(() => {
      if (this.kept.get(productId) === fresh) this.kept.delete(productId)
    })
    return fresh.list
  }

  private async make(product: string | null, now: Date): Promise<PublishedList> {
    const { store, issuer, signingKey } = this.context
    const listed = await store.listRevocations(now, product)
    if (listed === null) throw productMissing()
    const entries = listed.map(({ id, stamp, endsAt }): RevocationEntry => [id, stamp, toSeconds(endsAt)])
    this.warnOfLength(product, entries.length)
    const text = await signRevocationList({ issuer, product, entries }, now, signingKey)
    return { text, gzipped: await promisify(gzip)(text), etag: etagOf([signingKey.kid, issuer, product, entries]) }
  }

  private warnOfLength(product: string | null, length: number) {
    if (length < MAX_REVOCATIONS / 2) {
      this.warned.delete(product)
    } else if (!this.warned.has(product)) {
      this.warned.add(product)
      const which = product === null ? 'of all products' : `of product ${product}`
      this.warn(`keyslot: the revocation list ${which} has ${length} entries; clients take ${MAX_REVOCATIONS} at most`)
    }
  }
}

/** Weak: of the signature's bytes nothing is said. */
function etagOf(content: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url')}"`
}

/** Not before the last token has ended. */
function toSeconds(instant: Date): number {
  return Math.ceil(instant.getTime() / 1000)
}
