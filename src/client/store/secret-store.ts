/**
 * The app's own store of secrets, such as Electron's `safeStorage`, for what the cache file says of an activation. Its
 * functions may throw, take their time, or answer asynchronously; `check()` never fails for it:
 *
 * - where `encrypt` does not work, the file is written as it is without this option;
 * - where `decrypt` does not, `check()` says `not-activated` with reason `CACHE_SEALED`, and asks again at the next call.
 *   Activating anew works in any case.
 *
 * Each has 5 seconds.
 */
export interface SecretStore {
  /** Returns what only `decrypt` understands, as bytes or text. */
  readonly encrypt: (text: string) => Uint8Array | string | Promise<Uint8Array | string>
  /** @param sealed what `encrypt` returned; a text as its UTF-8 bytes, `sealed.toString()` gives it back */
  readonly decrypt: (sealed: Buffer) => string | Promise<string>
}
