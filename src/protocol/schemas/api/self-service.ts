import { droppedUser, freedDevice, listedDevices, startedTrial } from '../answers/keyslot'
import { describeRoute, type RouteDescription } from './describe-route'
import { EXAMPLE, EXAMPLE_LICENSE_TOKEN } from './example-values'
import { CLAIM_REFUSALS } from './keymint'

const { productId, licenseKey, hostId, device, user } = EXAMPLE
const named = { productId, licenseKey }

/** Family D's routes for the holder of a license key, and for a user without one. */
export const selfServiceApi = {
  listDevices: describeRoute('listDevices', {
    summary: "List a license's devices",
    description:
      'For an app whose user has no slot left: which devices have one, and who uses them. Tells no hostId, no address and no name. The product ' +
      'must allow self-service, unless the token is a secret one.',
    answer: { schema: listedDevices, description: 'The devices, the newest first.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'A license in use on one device, which asks',
        request: { ...named, hostId },
        answer: {
          code: 0,
          maxActivations: 3,
          activations: 1,
          devices: [
            {
              device,
              deviceTag: 'Studio',
              activatedAt: EXAMPLE.now,
              lastSeenAt: EXAMPLE.now,
              thisDevice: true,
              resting: false,
              users: [{ user, since: EXAMPLE.now, lastSeenAt: EXAMPLE.now, thisUser: true }],
            },
          ],
        },
      },
    },
  }),
  freeDevice: describeRoute('freeDevice', {
    summary: "Free a device's slot",
    description:
      'Frees the slot of a device that is lost, sold or broken: its license tokens are revoked. With a publishable token ' +
      'only where the product allows self-service, and a few times a month for each license (by default 5 in 30 days).',
    answer: { schema: freedDevice, description: 'The device holds no slot any more.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Free a device',
        request: { ...named, device },
        answer: { code: 0, message: 'Device freed' },
      },
    },
  }),
  dropDeviceUser: describeRoute('dropDeviceUser', {
    summary: 'Drop a user of a device',
    description:
      'Ends the license tokens of one user of a device, and binds none of that user to the device again; the others go on. ' +
      'Whoever shows a key of the device drops its younger users, as often as comes. Whoever shows none drops any, where ' +
      'the product allows self-service, and as often as devices may be freed.',
    answer: { schema: droppedUser, description: 'The user is none of the device any more.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Drop a stranger',
        request: { ...named, device, user: EXAMPLE.otherUser },
        answer: { code: 0, message: 'User dropped' },
      },
    },
  }),
  startTrial: describeRoute('startTrial', {
    summary: 'Start a trial, or go on with it',
    description:
      'Makes a license for this host alone, good for as long as the product says from now on, and activates it. Each host ' +
      'has one trial of a product: asking again goes on with the same one, to the same end. A host whose id has changed ' +
      'names the earlier ones in `previousHostIds`, and goes on with the trial of the first that had one.',
    answer: { schema: startedTrial, description: 'The trial is under way on this host.' },
    refusals: ['PRODUCT_NOT_FOUND', 'TRIAL_NOT_OFFERED', 'HOST_USERS_EXCEEDED', ...CLAIM_REFUSALS],
    examples: {
      plain: {
        summary: 'Start a trial',
        request: { productId, hostId, deviceTag: 'Studio', version: '2.1.0' },
        answer: {
          code: 0,
          message: 'License valid',
          metadata: { hostId, features: {}, trial: true },
          expirationDate: EXAMPLE.monthLater,
          versionId: null,
          allowedHosts: null,
          hostId,
          licenseToken: EXAMPLE_LICENSE_TOKEN,
          licenseKey: EXAMPLE.trialKey,
          trialEndsAt: EXAMPLE.monthLater,
        },
      },
    },
  }),
} satisfies Record<string, RouteDescription>
