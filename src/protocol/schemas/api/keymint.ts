import type { LicenseErrorCode } from '../../error-codes'
import {
  activatedKey,
  blockedKey,
  createdKeys,
  deactivatedKey,
  shownKey,
  signedKey,
  unblockedKey,
  updatedKey,
} from '../answers/keymint'
import { describeRoute } from './describe-route'
import { EXAMPLE, EXAMPLE_LICENSE_FILE, EXAMPLE_LICENSE_TOKEN } from './example-values'

const { productId, licenseKey, hostId } = EXAMPLE
const named = { productId, licenseKey }

/** The reasons why a license does not serve a host that claims a slot or a seat. */
export const CLAIM_REFUSALS = [
  'LICENSE_NOT_FOUND',
  'LICENSE_BLOCKED',
  'LICENSE_EXPIRED',
  'CUSTOMER_INACTIVE',
  'WRONG_LICENSE_TYPE',
  'HOST_NOT_ALLOWED',
  'ACTIVATION_LIMIT_REACHED',
] as const satisfies readonly LicenseErrorCode[]

/** Family A: KeyMint's routes for keys. */
export const keymintApi = {
  createKey: describeRoute('createKey', {
    summary: 'Create license keys',
    description:
      'Makes one license key, or `amountKeys` of them, all or none. Without `expiryDate` a key is good for one calendar ' +
      'month; with `null` or an empty text it never expires. With `newCustomer` the token needs the scope `customers:write` too, and the ' +
      'customer is made in the same step.',
    answer: { schema: createdKeys, description: 'The keys are made.' },
    refusals: ['PRODUCT_NOT_FOUND', 'CUSTOMER_NOT_FOUND', 'CUSTOMER_EMAIL_TAKEN', 'VERSION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'One key for three hosts',
        request: { productId, maxActivations: 3, expiryDate: EXAMPLE.expiryDate },
        answer: { code: 0, key: licenseKey },
      },
      several: {
        summary: 'Two keys for a new customer',
        request: {
          productId,
          amountKeys: 2,
          newCustomer: { name: 'Grace Hopper', email: 'grace@example.com' },
          metadata: { order: 'A-1001' },
        },
        answer: { code: 0, key: licenseKey, keys: [licenseKey, '0M7QD-ZK3XW-9PLAC-4RTU2'] },
      },
      floating: {
        summary: 'A floating license with five seats',
        request: { productId, licenseType: 'floating', maxConcurrentSessions: 5, expiryDate: null },
        answer: { code: 0, key: licenseKey },
      },
      formatted: {
        summary: 'A key in a format of your own',
        request: { productId, format: { prefix: 'ACME-', sections: 5, sectionLength: 4 } },
        answer: { code: 0, key: 'ACME-7QK2-M0ZX-P4RD-9TWC-1BHN' },
      },
    },
  }),
  getKey: describeRoute('getKey', {
    summary: 'Show a license key',
    description:
      'Everything there is to know of a license: its terms, the hosts it is active on, and its customer. The license key is ' +
      'in header `x-license-key` or in the query.',
    answer: { schema: shownKey, description: 'The license.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'A key in use on one host',
        request: named,
        answer: {
          code: 0,
          data: {
            license: {
              id: EXAMPLE.licenseId,
              key: licenseKey,
              productId,
              maxActivations: 3,
              activations: 1,
              devices: [{ hostId, deviceTag: 'Studio', ipAddress: '203.0.113.7', activationTime: EXAMPLE.now }],
              activated: true,
              expirationDate: EXAMPLE.expiryDate,
              versionId: null,
              version: null,
              metadata: { order: 'A-1001' },
              allowedHosts: null,
            },
            customer: { id: EXAMPLE.customerId, name: EXAMPLE.name, email: EXAMPLE.email, active: true },
          },
        },
      },
    },
  }),
  updateKey: describeRoute('updateKey', {
    summary: 'Update a license key',
    description:
      'Changes the terms that are given; `null` clears one, and what is left out stays. `metadata` is replaced as a whole. ' +
      'Lowering the limit evicts nobody and admits nobody. With `newCustomer` the token needs the scope ' +
      '`customers:write` too.',
    answer: { schema: updatedKey, description: 'The key is updated.' },
    refusals: ['LICENSE_NOT_FOUND', 'CUSTOMER_NOT_FOUND', 'CUSTOMER_EMAIL_TAKEN', 'VERSION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Raise the limit, and let it never expire',
        request: { ...named, maxActivations: 5, expiryDate: null },
        answer: { code: 0, message: 'Key updated', affectedCount: 1 },
      },
      customer: {
        summary: 'Hand it to a customer',
        request: { ...named, customerId: EXAMPLE.customerId },
        answer: { code: 0, message: 'Key updated', affectedCount: 1 },
      },
    },
  }),
  activateKey: describeRoute('activateKey', {
    summary: 'Activate a license key on a host',
    description:
      'Takes an activation slot for the host, unless it has one: activating an active host again is a success that takes ' +
      'none. A host whose id has changed names the earlier ones in `previousHostIds`: its slot moves with it, the limit is not ' +
      'asked, and the license tokens of the earlier id are revoked. Without `hostId` the server makes a random one, which ' +
      'the app must keep. A host that shows in header `DPoP` that it holds a key is bound to it: from then on nobody without ' +
      'one of its keys can act for it, and license tokens name the key in claim `cnf`. Another key that is shown is bound as ' +
      "well, up to the server's number of users a host; it revokes nothing, and does not free or move the slot while older ones " +
      'are in use. `replaceDevice` takes over the slot of a device that `/key/devices` lists. The answer carries a license token for checks without the server.',
    answer: { schema: activatedKey, description: 'The host holds a slot.' },
    refusals: [...CLAIM_REFUSALS, 'HOST_USERS_EXCEEDED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Activate on a host',
        request: { ...named, hostId, deviceTag: 'Studio', version: '2.1.0' },
        answer: {
          code: 0,
          message: 'License valid',
          licenseeName: EXAMPLE.name,
          licenseeEmail: EXAMPLE.email,
          metadata: { hostId, features: { export: true }, order: 'A-1001' },
          expirationDate: EXAMPLE.expiryDate,
          versionId: null,
          allowedHosts: null,
          hostId,
          licenseToken: EXAMPLE_LICENSE_TOKEN,
        },
      },
    },
  }),
  deactivateKey: describeRoute('deactivateKey', {
    summary: 'Deactivate a host, or all of them',
    description:
      "Frees the host's slot; without `hostId`, every slot. A host that is bound to keys shows one in header `DPoP`, or is " +
      'freed with a secret token. A younger one of several keys leaves the slot to the others, and so does the oldest unless ' +
      '`forAll` is true. Deactivating all when none is active is a success. Works for ' +
      'expired licenses and disabled customers too, so that an uninstall always frees its slot. A publishable token must ' +
      'name its host.',
    answer: { schema: deactivatedKey, description: 'The slot is, or all slots are, free; else `status` says why not.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Deactivate one host',
        request: { ...named, hostId },
        answer: { message: 'Device deactivated', code: 0, devicesRemoved: 1 },
      },
      all: {
        summary: 'Deactivate all hosts',
        request: named,
        answer: { message: 'All devices deactivated', code: 0, devicesRemoved: 2 },
      },
    },
  }),
  blockKey: describeRoute('blockKey', {
    summary: 'Block a license key',
    description:
      'Stops activation and deactivation, and puts the license tokens issued for it on the revocation list. Blocking a ' +
      'blocked key is a success.',
    answer: { schema: blockedKey, description: 'The key is blocked.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: { plain: { summary: 'Block', request: named, answer: { message: 'Key blocked', code: 0 } } },
  }),
  unblockKey: describeRoute('unblockKey', {
    summary: 'Unblock a license key',
    description: 'Lets a blocked key serve again. Unblocking a key that is not blocked is a success.',
    answer: { schema: unblockedKey, description: 'The key is not blocked.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: { plain: { summary: 'Unblock', request: named, answer: { message: 'Key unblocked', code: 0 } } },
  }),
  signKey: describeRoute('signKey', {
    summary: 'Sign a license file for a host without network',
    description:
      'Makes what a `.lic` file holds. Takes an activation slot like activating. The file is good until the earlier of the ' +
      "license's expiry and `ttl` seconds from now; for a license that never expires `ttl` is needed.",
    answer: {
      schema: signedKey,
      description: 'The license file; in the form of September 2026 as JSON text: see header `x-keymint-wire`.',
    },
    refusals: CLAIM_REFUSALS,
    examples: {
      plain: {
        summary: 'A file for 90 days',
        request: { ...named, hostId, ttl: 7_776_000 },
        answer: { code: 0, file: EXAMPLE_LICENSE_FILE },
      },
    },
  }),
}
