import { sealedPackage, sealedStanding, sealedWelcome } from '../answers/authtool-client'
import { describeRoute } from './describe-route'
import { EXAMPLE } from './example-values'

const CIPHER =
  'AES-256 under the 32 characters of the key, in base64: GCM (nonce of 12 bytes, text, tag of 16), CBC (PKCS7, a nonce of zeros) ' +
  'or ECB (PKCS5). The answer is encrypted as `data` was.'

const OFF =
  'Package not found while the product has no `authtoolClient`. Whoever has an app has its key: it proves nothing.'

const common = [
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'MISSING_PARAMS',
  'INVALID_REQUEST',
  'PRODUCT_NOT_FOUND',
  'PRODUCT_INACTIVE',
  'SERVER_ERROR',
  'STORAGE_UNAVAILABLE',
] as const

const { packageToken: token } = EXAMPLE

function describePackage(name: 'authtoolClientPackage' | 'authtoolApiClientPackage') {
  return describeRoute(name, {
    summary: 'Show what an app made for AuthTool is told of its package',
    description: `Encrypted in the mode that is set of the product. ${OFF}`,
    answer: { schema: sealedPackage, description: 'A ClientPackage.' },
    refusals: common,
    examples: { plain: { summary: 'In GCM', request: { token }, answer: { data: EXAMPLE.sealedPackage } } },
  })
}

function describeCheck(name: 'authtoolClientCheck' | 'authtoolApiClientCheck') {
  return describeRoute(name, {
    summary: 'Check a device that has logged in',
    description:
      '`data` is an encrypted `{uid, clientOS, clientModel, clientOSVersion}`. Finds what `/login` has made and no proof key is ' +
      `bound to; an unknown \`uid\` counts as a wrong license key. ${CIPHER} ${OFF}`,
    answer: { schema: sealedStanding, description: 'A ClientStanding.' },
    refusals: [...common, 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'In GCM',
        request: { token, data: EXAMPLE.sealedDevice },
        answer: { data: EXAMPLE.sealedStanding },
      },
    },
  })
}

function describeLogin(name: 'authtoolClientLogin' | 'authtoolApiClientLogin') {
  return describeRoute(name, {
    summary: 'Log a device in with a license key',
    description:
      '`data` is an encrypted `{uid, key, clientOS, clientModel, clientOSVersion}`. Takes an activation slot as `/key/activate` ' +
      `does, with \`uid\` as hostId. ${CIPHER} ${OFF}`,
    answer: { schema: sealedWelcome, description: 'A ClientWelcome.' },
    refusals: [
      ...common,
      'LICENSE_NOT_FOUND',
      'LICENSE_BLOCKED',
      'LICENSE_EXPIRED',
      'CUSTOMER_INACTIVE',
      'WRONG_LICENSE_TYPE',
      'HOST_NOT_ALLOWED',
      'PROOF_REQUIRED',
      'ACTIVATION_LIMIT_REACHED',
    ],
    examples: {
      plain: {
        summary: 'In GCM',
        request: { token, data: EXAMPLE.sealedLogin },
        answer: { data: EXAMPLE.sealedWelcome },
      },
    },
  })
}

/** Family C: AuthTool's client API, at both of its paths. */
export const authtoolClientApi = {
  authtoolClientPackage: describePackage('authtoolClientPackage'),
  authtoolClientCheck: describeCheck('authtoolClientCheck'),
  authtoolClientLogin: describeLogin('authtoolClientLogin'),
  authtoolApiClientPackage: describePackage('authtoolApiClientPackage'),
  authtoolApiClientCheck: describeCheck('authtoolApiClientCheck'),
  authtoolApiClientLogin: describeLogin('authtoolApiClientLogin'),
}
