import * as z from 'zod'
import { CALENDAR_UNITS } from '../../enumerations'
import { answerComponents, expiry, instant, key } from './parts'

/** What family C answers when it is done. */

export const createdPackageKeys = z
  .object({ message: z.literal('Create key successfully'), data: z.array(key).min(1).max(999) })
  .register(answerComponents, { id: 'CreatedPackageKeys' })

export const resetKey = z
  .object({
    message: z.literal('Reset successfully'),
    resetCount: z.int().min(1).describe('How often the key has been reset, this time included.'),
  })
  .register(answerComponents, { id: 'ResetKey' })

const packageDevice = z
  .object({
    uid: z.string().describe('The host, as it named itself.'),
    expireAt: expiry.describe("The earlier of this device's own expiry and the key's; null: never."),
    activeAt: instant.describe('When it was activated.'),
    isExpired: z.boolean(),
    status: z.union([z.literal(0), z.literal(1)]).describe('1: usable; 0: expired, or the key is disabled.'),
  })
  .register(answerComponents, { id: 'PackageDevice' })

export const keyDetail = z
  .object({
    key: z
      .object({
        activateCount: z.int().min(0).describe('Activation slots taken.'),
        activateLimit: z.int().min(1).nullable().describe('Activation limit; null: unlimited.'),
        unit: z.enum(CALENDAR_UNITS).nullable().describe('Null where it was sold otherwise.'),
        duration: z.int().min(1).nullable().describe('How many units it was sold for.'),
        expiredAt: expiry.describe('Null: never.'),
        isExpired: z.boolean(),
      })
      .describe('What a key has not is null.'),
    devices: z.array(packageDevice).describe('The newest 10,000 activations.'),
  })
  .register(answerComponents, { id: 'KeyDetail' })

export const changedStatus = z
  .object({ message: z.literal('Key status changed successfully') })
  .register(answerComponents, { id: 'ChangedStatus' })

export const deletedKey = z
  .object({ message: z.literal('Key deleted successfully') })
  .register(answerComponents, { id: 'DeletedKey' })
