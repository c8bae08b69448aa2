/** What an endpoint answers: a value that becomes JSON, a text or bytes whose type its headers tell, or nothing. */
export interface Answer<Body extends object | string = object | string> {
  /** Default 200. */
  readonly status?: number
  readonly body?: Body | Bytes | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** Bytes to be sent one after the other. Many answers may hold the same ones: nothing of them is copied. */
export class Bytes {
  constructor(readonly parts: readonly Buffer[]) {}
}

export interface JsonAnswer extends Answer {
  readonly body: object
}
