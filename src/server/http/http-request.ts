import type { IncomingHttpHeaders } from 'node:http'

/** A request as a mount hands it over. Nothing but a mount knows the framework that it came through. */
export interface HttpRequest {
  readonly method: string
  /** Below the mount point, as it was sent: neither decoded nor without the slash at its end. */
  readonly path: string
  /** What follows the `?`, as it was sent; empty where nothing does. */
  readonly query: string
  readonly headers: IncomingHttpHeaders
  /** Every value of each header, of those too that may come once only. */
  readonly headersDistinct: Readonly<Partial<Record<string, string[]>>>
  /** Where the request comes from, as the host app knows of its proxies; null where that is no address. */
  readonly address: string | null
  /** The address that the connection comes from, that of the nearest proxy; null where it has none, as a Unix socket has. */
  readonly peer: string | null
  /** True where whoever calls can choose the address: behind an app that trusts every proxy. */
  readonly addressIsChosen: boolean
  /** The URL of the mount point as the caller knows it, or its path where the caller has forged the `Host` header. */
  readonly mountUrl: string
  /**
   * The body, read now or by the host app before.
   * @param limit in bytes, unpacked
   * @throws {LicenseError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, or INVALID_REQUEST where it breaks off
   */
  receiveBody(limit: number): Promise<ReceivedBody>
}

/** The bytes of a body, or what a parser of the host app's has made of them. */
export type ReceivedBody = { readonly bytes: Buffer } | { readonly parsed: unknown }
