import * as z from 'zod'
import { LENGTHS, NUMBERS } from '../bounds'
import { durationFields } from './fields'
import { deviceTag, hostId, instant, licenseKey, printableAscii } from './primitives'

export const createSingle = z.object({
  quantity: z.int().min(1).max(999),
  packageIds: z.array(z.int().min(1)).min(1).max(100),
  duration: durationFields.amount,
  unit: durationFields.unit,
  alias: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, - or _')
    .nullish(),
  isCleanable: z.boolean().nullish(),
})

export const createMultiple = createSingle.extend({
  activateCount: z.int().min(2).max(NUMBERS.maxActivations[1]),
  endDate: instant,
})

export const changeStatus = z.object({ status: z.union([z.literal(0), z.literal(1)], 'must be 0 or 1') })

/** What the client API takes. */
export const packageRequest = z.object({ token: printableAscii(LENGTHS.packageToken) })

export const sealedRequest = packageRequest.extend({ data: z.string().min(1) })

/** What apps send encrypted. The model is for people to read, and may be anything. */
export const clientDevice = z.object({ uid: hostId, clientModel: deviceTag.nullish().catch(null) })

export const clientLogin = clientDevice.extend({ key: licenseKey })
