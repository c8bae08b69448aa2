import { getSystemErrorName } from 'node:util'

/** What Deno's TLS says of certificates, and the code that Node.js has for it. The last one fits whatever else is wrong. */
const CERTIFICATES: readonly (readonly [RegExp, string])[] = [
  [/^certificate expired/, 'CERT_HAS_EXPIRED'],
  [/^certificate not valid yet/, 'CERT_NOT_YET_VALID'],
  [/^certificate not valid for name/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/^/, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
]

/** Gives a code to an error that has none: Deno's `fetch` says what went wrong in words alone. */
export function withCode(error: unknown): unknown {
  const { message } = ((error as Error).cause ?? {}) as Partial<Error>
  const code = message === undefined ? undefined : codeInWords(message)
  return code === undefined ? error : Object.assign(new Error(message, { cause: error }), { code })
}

function codeInWords(message: string): string | undefined {
  const number = /\(os error ([1-9]\d{0,4})\)/.exec(message)?.[1]
  // A number without a name gives a sentence.
  if (number !== undefined) return /^[A-Z0-9]+$/.exec(getSystemErrorName(-number))?.[0]
  if (message.includes('dns error')) return 'ENOTFOUND'
  const certificate = /invalid peer certificate: (.*)/s.exec(message)?.[1]
  return certificate && CERTIFICATES.find(([words]) => words.test(certificate))?.[1]
}
