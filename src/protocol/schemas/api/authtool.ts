import type * as z from 'zod'
import { changedStatus, createdPackageKeys, deletedKey, keyDetail, resetKey } from '../answers/authtool'
import { describePath, describeRoute } from './describe-route'
import { EXAMPLE } from './example-values'

const pathParameters = {
  key: { description: 'The license key, in any letter case.', example: EXAMPLE.authtoolKey },
}

const refusals = ['INVALID_REQUEST', 'LICENSE_NOT_FOUND', 'LICENSE_FOREIGN'] as const

const packageIds = [EXAMPLE.packageId]
const validity = { duration: 30, unit: 'day' } as const

const created: z.output<typeof createdPackageKeys> = {
  message: 'Create key successfully',
  data: [EXAMPLE.authtoolKey],
}

/** The answer of the two routes for the details of a key. */
const shown: z.output<typeof keyDetail> = {
  key: { activateCount: 1, activateLimit: 1, ...validity, expiredAt: EXAMPLE.monthLater, isExpired: false },
  devices: [{ uid: EXAMPLE.hostId, expireAt: EXAMPLE.monthLater, activeAt: EXAMPLE.now, isExpired: false, status: 1 }],
}

/** Family C: AuthTool. */
export const authtoolApi = {
  authtoolCreateSingle: describeRoute('authtoolCreateSingle', {
    summary: 'Create keys for one host each',
    description:
      'Makes `quantity` keys, all or none, each for one host, which expire `duration` after their creation. Units follow ' +
      'the calendar. `alias` leads the keys in accounts of plan `pro`.',
    answer: { schema: createdPackageKeys, status: 201, description: 'The keys are made.' },
    examples: {
      plain: { summary: 'One key for 30 days', request: { quantity: 1, packageIds, ...validity }, answer: created },
    },
  }),
  authtoolCreateMultiple: describeRoute('authtoolCreateMultiple', {
    summary: 'Create keys for several hosts each',
    description:
      'Makes `quantity` keys, all or none, each for `activateCount` hosts. A key expires at `endDate`; each host `duration` ' +
      'after its own activation, never later than the key.',
    answer: { schema: createdPackageKeys, status: 201, description: 'The keys are made.' },
    examples: {
      plain: {
        summary: 'One key for five hosts',
        request: { quantity: 1, packageIds, ...validity, activateCount: 5, endDate: EXAMPLE.expiryDate },
        answer: created,
      },
    },
  }),
  authtoolReset: describePath({
    summary: 'Reset a key',
    description: 'Removes all activations. Limit and validity stay as they are.',
    pathParameters,
    answer: { schema: resetKey, description: 'No host is active.' },
    refusals,
    example: { message: 'Reset successfully', resetCount: 1 },
  }),
  authtoolDetail: describePath({
    summary: "Show a key's details",
    description: 'The key and the hosts it is active on. Works in any state of the key.',
    pathParameters,
    answer: { schema: keyDetail, description: 'The key.' },
    refusals,
    example: shown,
  }),
  authtoolGet: describePath({
    summary: "Show a key's details, by its shorter path",
    description: 'The same as `/detail`.',
    pathParameters,
    answer: { schema: keyDetail, description: 'The key.' },
    refusals,
    example: shown,
  }),
  authtoolChangeStatus: describeRoute('authtoolChangeStatus', {
    summary: 'Disable a key, or enable it again',
    description: 'Status 0 disables the key, 1 enables it. To what it is already is a success.',
    pathParameters,
    answer: { schema: changedStatus, description: 'The status is what was asked for.' },
    refusals,
    examples: {
      plain: {
        summary: 'Disable',
        request: { status: 0 },
        answer: { message: 'Key status changed successfully' },
      },
    },
  }),
  authtoolDelete: describePath({
    summary: 'Delete a key',
    description: 'Deletes the key with its activations.',
    pathParameters,
    answer: { schema: deletedKey, description: 'The key is deleted.' },
    refusals,
    example: { message: 'Key deleted successfully' },
  }),
}
