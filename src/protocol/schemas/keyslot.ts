import * as z from 'zod'
import { activateFields, device, licenseTarget } from './keymint'
import { hostId, productId } from './primitives'

export const listDevices = licenseTarget.extend({ hostId: hostId.nullish() })

export const freeDevice = licenseTarget.extend({ device })

export const startTrial = z.object({ productId, hostId, ...activateFields })

export const time = z.object({
  nonce: z.string().regex(/^[\w-]{16,64}$/, 'must be 16 to 64 characters of base64url'),
})
