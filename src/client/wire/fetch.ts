/** The `fetch` that the kit sends requests with. The global one, Electron's `net.fetch` and undici's all fit. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** What the kit hands to a {@link Fetch}. */
export interface FetchInit {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  /** Absent with `GET`. */
  readonly body?: string
  /** Redirects are never followed: they would carry the access token elsewhere. */
  readonly redirect: 'manual'
  readonly signal: AbortSignal
}

/** The part of a `Response` that the kit reads. */
export interface FetchAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  /** When the body can be read in parts, as a `Response`'s can, a page without end is not read to its end. */
  readonly body?: unknown
}
