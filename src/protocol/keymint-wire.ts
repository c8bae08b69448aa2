/** The header in which a request says which form of KeyMint's answers it wants. */
export const WIRE_HEADER = 'x-keymint-wire'

/** The header in which KeyMint's clients since September 2026 send the license key of `GET /key`. */
export const LICENSE_KEY_HEADER = 'x-license-key'
