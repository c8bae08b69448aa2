import { CIPHERS, PACKAGE_TOKEN } from '../../server/http/authtool-app'
import type { Exchange, VendorClient } from '../exchange'
import type { Shape } from '../shape'

type Sealed = NonNullable<Exchange['sealed']>

const JSON_ONLY = { 'Content-Type': 'application/json' }
/** What the tests for others than apps do first: the vendor's server makes a key. */
const SELL: Exchange = {
  call: 'the vendor makes a key',
  method: 'POST',
  path: '/public/v1/key/single-activate',
  headers: { ...JSON_ONLY, 'X-API-Key': '{secret}' },
  body: { quantity: 1, packageIds: ['{packageId}'], duration: 30, unit: 'day' },
  status: 201,
  answer: { message: 'Create key successfully', data: ['<text>'] },
  keep: { key: 'data.0' },
}
const PACKAGE = {
  status: 1,
  name: '<text>',
  version: '<text>',
  updateNote: '<text>',
  downloadUpdateLink: '<text>',
  contactUrl: '<text>',
  isNeedKey: '<flag>',
  requestTime: '<number>',
} as const
const LOGGED_IN = { status: 1, expiredAt: '<instant>', key: '{key}', requestTime: '<number>' } as const

function exchangesOf(sealed: Sealed, prefix: string): readonly Exchange[] {
  const device = { uid: `uid-${sealed}`, clientOS: 'iOS', clientModel: 'iPhone15,2', clientOSVersion: '17.4' }
  const ask = (
    call: string,
    data: object | undefined,
    status: number,
    answer: Shape,
    token = PACKAGE_TOKEN,
  ): Exchange => ({
    call: `POST /client/${call}`,
    method: 'POST',
    path: `${prefix}/client/${call}`,
    headers: JSON_ONLY,
    body: { token, ...(data && { data }) },
    status,
    answer: status === 200 ? { data: answer } : answer,
    sealed,
  })
  return [
    SELL,
    // A package answers in the mode that is set for it, and that is GCM.
    ...(sealed === 'gcm' ? [ask('package', undefined, 200, PACKAGE)] : []),
    ask('check', device, 404, { message: '<text>' }),
    ask('login', { ...device, key: '{key}' }, 200, { ...LOGGED_IN, message: 'Login successful' }),
    ask('check', device, 200, { ...LOGGED_IN, isExpired: false }),
    ask('login', { ...device, uid: 'another', key: '{key}' }, 409, { message: '<text>' }),
    ask('login', { ...device, key: '{unknownKey}' }, 404, { message: '<text>' }),
    ask('login', device, 400, { message: '<text>' }),
    ask('check', { ...device, uid: '' }, 400, { message: '<text>' }),
    ask('check', device, 404, { message: '<text>' }, 'pkg_nobody-has-this-token'),
  ]
}

/** Apps as the vendor's samples in three languages are. */
export const AUTHTOOL_CLIENTS: readonly VendorClient[] = CIPHERS.map(({ language, mode }, index) => ({
  id: `authtool-client-${mode}`,
  name: 'AuthTool',
  versions: `its API for apps, as the sample in ${language} (${mode.toUpperCase()})`,
  source: "AuthTool's public documents",
  exchanges: exchangesOf(mode, index === 0 ? '/public/v1' : '/api/public/v1'),
}))
