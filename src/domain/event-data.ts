import type { EventType, TokenKind } from '../protocol/enumerations'
import type { LicenseErrorCode } from '../protocol/error-codes'

/** Where a host is spoken of. */
interface OfHost {
  /** The product that it asked for. */
  readonly productId: string
  readonly hostId: string
}

/** What an event of each type says beyond who, when and from where. What is marked with `?` is there where it is so. */
export interface EventData extends Readonly<Record<EventType, object>> {
  /** A license was made. */
  readonly 'license.created': {
    readonly productIds: readonly string[]
    /** It is the trial of a host. */
    readonly trial?: true
  }
  /** Terms of a license were changed. */
  readonly 'license.updated': {
    /** The names of all that was given. */
    readonly fields: readonly string[]
    /** What has another value now, but for metadata and long lists. */
    readonly changes?: Readonly<Record<string, Changed>>
  }
  /** A license was blocked: its apps stop at their next contact. */
  readonly 'license.blocked': Nothing
  /** A license is blocked no more. */
  readonly 'license.unblocked': Nothing
  /** All hosts of a license were removed. */
  readonly 'license.reset': Nothing
  /** A license was deleted with its hosts. */
  readonly 'license.deleted': Nothing
  /** A host has taken a slot, or come back to one that rested. */
  readonly 'license.activated': OfHost & {
    /** The hosts whose slots it was given, since their license tokens had ended. */
    readonly displacedHostIds?: readonly string[]
    /** The store had forgotten it (a restored backup), and its license token was good. */
    readonly takenBack?: true
    /** It came back within the days in which that is free. */
    readonly returned?: true
  }
  /** A host was refused: one of a license, a host and a reason in an hour, and 20 of a license in a day, by each process. */
  readonly 'license.refused': OfHost & {
    /** Why, as the answer said. */
    readonly code: LicenseErrorCode
  }
  /** A slot has gone over to another host. */
  readonly 'license.moved': OfHost & {
    readonly previousHostIds: readonly string[]
    readonly returned?: true
  }
  /** A further key was bound to a host: another user of the computer, or a reinstall. */
  readonly 'license.rebound': OfHost & {
    /** How many users the host has. */
    readonly users?: number
    /** How many more it may have. */
    readonly usersLeft?: number
    /** The key takes the place of one that was lost. */
    readonly recovered?: true
    readonly returned?: true
  }
  /** Two hosts have renewed one license token: one is a copy of the other. */
  readonly 'license.cloned': OfHost
  /** Keys of one host have renewed from different networks on three days. */
  readonly 'license.host-shared': OfHost
  /** A host, all hosts of a license, or one user of a host have lost their license, or given it up. */
  readonly 'license.deactivated': {
    /** Left out where it was done in your process, for all products of the license. */
    readonly productId?: string
    /** Left out where it is all of the license's. */
    readonly hostId?: string
    /** All hosts of the license. */
    readonly all?: true
    /** The slot rests until the license tokens of the host have ended. */
    readonly resting?: true
    /** One user has left; others of the host keep the license. */
    readonly keptByOthers?: true
    /** The slot will be free, unless an older user of the host calls before. */
    readonly pending?: true
    /** Whoever had the license key has freed it, and not you. */
    readonly selfService?: true
    /** The user that was dropped, by the thumbprint of the key. */
    readonly droppedKey?: string
    /** By housekeeping (`freeUnseenAfterSeconds`). */
    readonly reason?: 'unseen'
    /** ISO 8601, with `reason`. */
    readonly lastSeenAt?: string
  }
  /** A license file was signed for a host, which has a slot by it. */
  readonly 'license.signed': OfHost & {
    readonly displacedHostIds?: readonly string[]
    readonly takenBack?: true
    readonly returned?: true
  }
  /** A seat of a floating license was taken. */
  readonly 'session.started': OfHost
  /** A seat was given back, or taken back. One whose lease has ended leaves no event. */
  readonly 'session.ended': {
    readonly productId?: string
    /** You have ended it, and not whoever held it. */
    readonly byVendor?: true
  }
  /** A customer was made. */
  readonly 'customer.created': { readonly customerId: string }
  /** A customer was changed. */
  readonly 'customer.updated': { readonly customerId: string; readonly fields: readonly string[] }
  /** A customer was deleted, with all licenses. */
  readonly 'customer.deleted': { readonly customerId: string }
  /** A product was made. */
  readonly 'product.created': { readonly productId: string }
  /** A product was changed. */
  readonly 'product.updated': { readonly productId: string; readonly fields: readonly string[] }
  /** A version of a product was made. */
  readonly 'product-version.created': { readonly productId: string; readonly versionId: string }
  /** A version of a product was changed. */
  readonly 'product-version.updated': { readonly productId: string; readonly versionId: string }
  /** A webhook was made. */
  readonly 'webhook.created': { readonly webhookId: string }
  /** A webhook was changed, or has another secret. */
  readonly 'webhook.updated': { readonly webhookId: string; readonly fields: readonly string[] }
  /** A webhook has only failed for days, and is sent nothing more. */
  readonly 'webhook.disabled': {
    readonly webhookId: string
    /** Since when. */
    readonly failingSince?: Date | null
    readonly lastError?: string | null
  }
  /** A webhook was deleted, with its deliveries. */
  readonly 'webhook.deleted': { readonly webhookId: string }
  /** An access token was made. */
  readonly 'access-token.created': { readonly tokenId: string; readonly kind: TokenKind }
  /** An access token was revoked. */
  readonly 'access-token.revoked': { readonly tokenId: string }
  /** Somebody goes on using an access token that is revoked: at most one an hour. */
  readonly 'access-token.revoked-used': {
    readonly tokenId: string
    /** How often since the last of these, in this process. */
    readonly calls: number
  }
}

type Nothing = Readonly<Record<string, never>>

/** A value before and after. */
export interface Changed {
  readonly from: unknown
  readonly to: unknown
}
