import type { Exchange, VendorClient } from '../exchange'
import type { Shape } from '../shape'

const NAMED = { productId: '{productId}', licenseKey: '{key}' } as const
const LICENSE = {
  id: '<text>',
  key: '{key}',
  product_id: '{productId}',
  max_activations: '<number>',
  usage_limit: '<number>',
  activations: 1,
  devices: [{ host_id: 'host-1', device_tag: 'desk', ip_address: '<text or null>', activation_time: '<instant>' }],
  activated: true,
  expiration_date: '<instant or null>',
} as const

function post(path: string, body: object, status: number, answer: Shape, keep?: Exchange['keep']): Exchange {
  return {
    call: path,
    method: 'POST',
    path,
    headers: { Authorization: 'Bearer {secret}', 'Content-Type': 'application/json' },
    body,
    status,
    answer,
    ...(keep !== undefined && { keep }),
  }
}

/** The documents name no client of their own: programs send these requests by hand. */
export const KEYMINT_V1: VendorClient = {
  id: 'keymint-first-version',
  name: 'KeyMint',
  versions: 'first version of its API',
  source: "KeyMint's public documents",
  exchanges: [
    post(
      '/create-key',
      { productId: '{productId}', usesPerKey: 2, newCustomer: { name: 'Ada', email: 'ada@example.com' } },
      200,
      { code: 0, key: '<text>' },
      { key: 'key' },
    ),
    post('/activate-key', { ...NAMED, hostId: 'host-1', deviceTag: 'desk' }, 200, {
      code: 0,
      message: 'License valid',
      licensee_name: 'Ada',
      licensee_email: 'ada@example.com',
    }),
    post('/get-key', NAMED, 200, {
      code: 0,
      data: { license: LICENSE, customer: { id: '<text>', name: 'Ada', email: 'ada@example.com', active: true } },
    }),
    post('/deactivate-key', { ...NAMED, hostId: 'host-1' }, 200, { message: 'Device deactivated', code: 0 }),
    post('/deactivate-key', { ...NAMED, hostId: 'host-1' }, 404, { message: 'Device not found', code: 1 }),
    post('/deactivate-key', NAMED, 200, { message: 'All devices deactivated', code: 0 }),
    post('/deactivate-key', { licenseKey: '{key}' }, 400, { message: 'Missing required params', code: 1 }),
    post('/block-key', NAMED, 200, { message: 'Key blocked', code: 0 }),
    post('/deactivate-key', NAMED, 403, { message: 'License not activated', code: 2 }),
    post('/unblock-key', NAMED, 200, { message: 'Key unblocked', code: 0 }),
    {
      ...post('/deactivate-key', NAMED, 401, { message: 'Invalid access token', code: 1 }),
      headers: { Authorization: 'Bearer at_nobody', 'Content-Type': 'application/json' },
    },
  ],
}
