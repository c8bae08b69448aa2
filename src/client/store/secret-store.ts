/**
 * The app's own store of secrets, such as Electron's `safeStorage`. The kit seals the cache file's activation with it. Its
 * functions may throw, take their time, or answer asynchronously; `check()` never fails because of them:
 *
 * - when `encrypt` does not work, the file is written as it is without this option;
 * - when `decrypt` does not work, `check()` says `not-activated` with reason `CACHE_SEALED`, and asks again at the next
 *   call. Activating again works in any case.
 *
 * Each call has 5 seconds.
 */
export interface SecretStore {
  /** Returns bytes or text that only `decrypt` understands. */
  readonly encrypt: (text: string) => Uint8Array | string | Promise<Uint8Array | string>
  /** @param sealed what `encrypt` returned. A text comes as its UTF-8 bytes: `sealed.toString()` is the text. */
  readonly decrypt: (sealed: Buffer) => string | Promise<string>
}
