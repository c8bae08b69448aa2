import { blockedKey, unblockedKey, v1DeactivatedKey } from '../answers/keymint'
import { v1ActivatedKey, v1CreatedKey, v1ShownKey } from '../answers/keymint-v1'
import { describeRoute } from './describe-route'
import { EXAMPLE, EXAMPLE_LICENSE_TOKEN } from './example-values'
import { CLAIM_REFUSALS } from './keymint'

const { productId, licenseKey, hostId } = EXAMPLE
const named = { productId, licenseKey }

/** Family B: KeyMint's first version. */
export const keymintV1Api = {
  v1CreateKey: describeRoute('v1CreateKey', {
    summary: 'Create a license key',
    description:
      'Makes one license key. The limit is called `usesPerKey` here; `maxActivations` is taken too. Else as `POST /key`.',
    answer: { schema: v1CreatedKey, description: 'The key is made.' },
    refusals: ['PRODUCT_NOT_FOUND', 'CUSTOMER_NOT_FOUND', 'CUSTOMER_EMAIL_TAKEN', 'VERSION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'One key for three hosts',
        request: { productId, usesPerKey: '3', expiryDate: '2035-01-31' },
        answer: { code: 0, key: licenseKey },
      },
    },
  }),
  v1ActivateKey: describeRoute('v1ActivateKey', {
    summary: 'Activate a license key on a host',
    description: 'As `POST /key/activate`, but `hostId` is required.',
    answer: { schema: v1ActivatedKey, description: 'The host holds a slot.' },
    refusals: [...CLAIM_REFUSALS, 'HOST_USERS_EXCEEDED'],
    examples: {
      plain: {
        summary: 'Activate on a host',
        request: { ...named, hostId },
        answer: {
          code: 0,
          message: 'License valid',
          licensee_name: EXAMPLE.name,
          licensee_email: EXAMPLE.email,
          license_token: EXAMPLE_LICENSE_TOKEN,
        },
      },
    },
  }),
  v1DeactivateKey: describeRoute('v1DeactivateKey', {
    summary: 'Deactivate a host, or all of them',
    description: 'As `POST /key/deactivate`.',
    answer: { schema: v1DeactivatedKey, description: 'The slot is, or all slots are, free.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Deactivate one host',
        request: { ...named, hostId },
        answer: { message: 'Device deactivated', code: 0 },
      },
      all: {
        summary: 'Deactivate all hosts',
        request: named,
        answer: { message: 'All devices deactivated', code: 0 },
      },
    },
  }),
  v1GetKey: describeRoute('v1GetKey', {
    summary: 'Show a license key',
    description: 'As `GET /key`, with names in snake_case.',
    answer: { schema: v1ShownKey, description: 'The license.' },
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
              product_id: productId,
              max_activations: 3,
              usage_limit: 3,
              activations: 1,
              devices: [
                { host_id: hostId, device_tag: 'Studio', ip_address: '203.0.113.7', activation_time: EXAMPLE.now },
              ],
              activated: true,
              expiration_date: EXAMPLE.expiryDate,
            },
            customer: { id: EXAMPLE.customerId, name: EXAMPLE.name, email: EXAMPLE.email, active: true },
          },
        },
      },
    },
  }),
  v1BlockKey: describeRoute('v1BlockKey', {
    summary: 'Block a license key',
    description: 'As `POST /key/block`.',
    answer: { schema: blockedKey, description: 'The key is blocked.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: { plain: { summary: 'Block', request: named, answer: { message: 'Key blocked', code: 0 } } },
  }),
  v1UnblockKey: describeRoute('v1UnblockKey', {
    summary: 'Unblock a license key',
    description: 'As `POST /key/unblock`.',
    answer: { schema: unblockedKey, description: 'The key is not blocked.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: { plain: { summary: 'Unblock', request: named, answer: { message: 'Key unblocked', code: 0 } } },
  }),
}
