import type { Exchange, VendorClient } from '../exchange'
import type { Shape } from '../shape'

const TERMS = { packageIds: ['{packageId}'], duration: 30, unit: 'day', alias: 'my-custom-alias' } as const
const CREATED = { message: 'Create key successfully', data: ['<text>'] } as const
const DETAIL = {
  key: {
    activateCount: 0,
    activateLimit: 1,
    unit: 'day',
    duration: 30,
    expiredAt: '<instant or null>',
    isExpired: false,
  },
} as const

/** As the PHP programs of the documents send it: with a content type, and a body only where there is one. */
function ask(
  request: `${Exchange['method']} /${string}`,
  status: number,
  answer: Shape,
  rest: Partial<Exchange> = {},
): Exchange {
  const [method, path] = request.split(' ') as [Exchange['method'], string]
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': '{secret}', ...rest.headers }
  const call = request.replace('{key}', '…').replace('{unknownKey}', '…')
  return { call, method, path: `/public/v1${path}`, status, answer, ...rest, headers }
}

/** Of the API for servers. */
export const AUTHTOOL: VendorClient = {
  id: 'authtool-server-api',
  name: 'AuthTool',
  versions: 'its API for servers',
  source: "AuthTool's public documents",
  exchanges: [
    ask('POST /key/single-activate', 201, CREATED, {
      body: { quantity: 5, ...TERMS, isCleanable: true },
      keep: { key: 'data.0' },
    }),
    ask('POST /key/multiple-activate', 201, CREATED, {
      body: { quantity: 1, ...TERMS, activateCount: 3, endDate: '2030-01-01' },
    }),
    ask('GET /key/{key}/detail', 200, DETAIL),
    ask('GET /key/{key}', 200, DETAIL),
    ask('PATCH /key/{key}/reset', 200, { message: 'Reset successfully', resetCount: 1 }),
    ask('PATCH /key/{key}/reset', 200, { message: 'Reset successfully', resetCount: 2 }),
    ask('PATCH /key/{key}/change-status', 200, { message: 'Key status changed successfully' }, { body: { status: 0 } }),
    ask(
      'PATCH /key/{key}/change-status',
      400,
      { message: 'Validation error', details: 'status is required' },
      { body: {} },
    ),
    ask('PATCH /key/{unknownKey}/reset', 404, { message: 'Key not found' }),
    ask('PATCH /key/{key}/reset', 401, { message: 'Invalid API key' }, { headers: { 'X-API-Key': 'YOUR_API_KEY' } }),
    ask('POST /key/single-activate', 422, { message: '<text>' }, { body: { quantity: 1000, ...TERMS } }),
    ask('DELETE /key/{key}', 200, { message: 'Key deleted successfully' }),
    ask('GET /key/{key}', 404, { message: 'Key not found' }),
  ],
}
