import type { Shape } from './shape'

/**
 * A client of a vendor, with what it sends and what it reads of each answer. Written from the vendor's public documents
 * and published clients. Nothing of this was recorded from a vendor's service.
 */
export interface VendorClient {
  /** Short, in lower case: the client is dated by it. */
  readonly id: string
  readonly name: string
  /** Its versions that do the same. */
  readonly versions: string
  /** Where it is described, in public. */
  readonly source: string
  /** In this order, against one store. */
  readonly exchanges: readonly Exchange[]
}

/**
 * One request and its answer. Every string of the request may name kept values, `{key}`: those that a vendor's shop has
 * from the start ({@link Shop}), and those that earlier answers have brought.
 */
export interface Exchange {
  /** The client's own name of the call. */
  readonly call: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly status: number
  /** What the client reads. Fields that it does not read are none of its business. */
  readonly answer: Shape
  /** How the `data` of the body is sealed, and that of an answer that says yes. */
  readonly sealed?: 'gcm' | 'cbc' | 'ecb'
  /** What it needs later, by the field that it comes from. */
  readonly keep?: Readonly<Record<string, string>>
}

/** What a client is told beforehand. */
export interface Shop {
  readonly productId: string
  readonly packageId: number
  readonly versionId: string
  /** A secret access token, and a publishable one. */
  readonly secret: string
  readonly publishable: string
  /** A license key that nobody has. */
  readonly unknownKey: string
}

/** Where a client would stumble. */
export interface Stumble {
  readonly client: string
  readonly versions: string
  readonly call: string
  /** `status`, or the path of a field of the body. */
  readonly place: string
  readonly expected: string
  readonly came: string
}
