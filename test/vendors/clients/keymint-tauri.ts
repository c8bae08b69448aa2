import type { VendorClient } from '../exchange'

const HEADERS = { Authorization: 'Bearer {publishable}', 'Content-Type': 'application/json' } as const
const NAMED = { productId: '{productId}', licenseKey: '{key}', hostId: '0123456789abcdef0123456789abcdef' } as const

/** Sends its requests itself, by a token that ships in the app. */
export const KEYMINT_TAURI: VendorClient = {
  id: 'keymint-tauri-starter',
  name: "KeyMint's starter for Tauri",
  versions: 'of 2026',
  source: 'github.com/keymint-dev/keymint-tauri-starter',
  exchanges: [
    {
      call: "the vendor's POST /key",
      method: 'POST',
      path: '/key',
      headers: { Authorization: 'Bearer {secret}', 'Content-Type': 'application/json' },
      body: { productId: '{productId}', maxActivations: '2', metadata: { purpose: 'starter' } },
      status: 200,
      answer: { code: 0, key: '<text>' },
      keep: { key: 'key' },
    },
    {
      call: 'activate_license',
      method: 'POST',
      path: '/key/activate',
      headers: HEADERS,
      body: NAMED,
      status: 200,
      answer: { code: 0, message: '<text>' },
    },
    {
      call: 'activate_license, of an unknown key',
      method: 'POST',
      path: '/key/activate',
      headers: HEADERS,
      body: { ...NAMED, licenseKey: '{unknownKey}' },
      status: 404,
      answer: { code: 1, message: '<text>' },
    },
    {
      call: 'deactivate_license',
      method: 'POST',
      path: '/key/deactivate',
      headers: HEADERS,
      body: NAMED,
      status: 200,
      answer: { code: 0, message: '<text>' },
    },
  ],
}
