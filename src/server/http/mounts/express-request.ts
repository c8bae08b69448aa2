import type { IncomingMessage } from 'node:http'
import type { HttpRequest, ReceivedBody } from '../http-request'
import { toAddress } from '../remote-address'
import { receiveBytes } from './receive-bytes'
import { trustsEverybody } from './trust-proxy'

/** What Express, 4 or 5, adds to a request; and, as far as we can do without, what servers without Express leave out. */
export interface ExpressRequest extends IncomingMessage {
  readonly app?: { get(setting: string): unknown }
  readonly baseUrl?: string
  readonly body?: unknown
  /** By the setting `trust proxy`. */
  readonly ip?: string | undefined
  readonly originalUrl?: string
  /** By the setting `trust proxy`. */
  readonly protocol?: string
}

/** A request that came through Express. */
export class RequestOfExpress implements HttpRequest {
  private readonly req: ExpressRequest
  readonly path: string
  readonly query: string
  private known: string | null | undefined

  constructor(req: ExpressRequest, { path, query }: { readonly path: string; readonly query: string }) {
    this.req = req
    this.path = path
    this.query = query
  }

  get method(): string {
    return this.req.method ?? 'GET'
  }

  get headers() {
    return this.req.headers
  }

  get headersDistinct() {
    return this.req.headersDistinct
  }

  get address(): string | null {
    if (this.known === undefined) this.known = toAddress(this.req.ip ?? this.req.socket.remoteAddress)
    return this.known
  }

  get peer(): string | null {
    return toAddress(this.req.socket.remoteAddress)
  }

  get addressIsChosen(): boolean {
    return trustsEverybody(this.req.app?.get('trust proxy fn'))
  }

  get mountUrl(): string {
    const { baseUrl = '', headers, protocol = 'http' } = this.req
    const { host = '' } = headers
    const path = baseUrl === '' ? '/' : baseUrl
    const url = `${protocol}://${host}${path}`
    return /^[\w.:[\]-]+$/.test(host) && URL.canParse(url) ? url : path
  }

  async receiveBody(limit: number): Promise<ReceivedBody> {
    const { body, readableDidRead, readableEnded } = this.req
    // An empty body has ended without a byte that could have been read.
    if (!readableDidRead && !readableEnded) return { bytes: await receiveBytes(this.req, limit) }
    return Buffer.isBuffer(body) ? { bytes: body } : { parsed: body }
  }
}

/** The parts of a request's target, which has an origin where it was meant for a proxy (RFC 9112 §3.2.2). */
export function splitTarget(target = '/'): { readonly path: string; readonly query: string } {
  const local = target.startsWith('/') ? target : target.replace(/^\w+:\/\/[^/?]*/, '')
  const [asked = ''] = local.split('#', 1)
  const end = asked.indexOf('?')
  return end < 0 ? { path: asked, query: '' } : { path: asked.slice(0, end), query: asked.slice(end + 1) }
}
