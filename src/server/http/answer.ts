/** What an endpoint answers: JSON, a text or bytes whose type its headers tell, or nothing. */
export interface Answer<Body extends object | string = object | string> {
  /** Default 200. */
  readonly status?: number
  readonly body?: Body | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface JsonAnswer extends Answer {
  readonly body: object
}
