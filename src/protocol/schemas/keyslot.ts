import * as z from 'zod'
import { activateFields, device, licenseTarget } from './keymint'
import { hostId, productId, startOfThumbprint } from './primitives'

export const listDevices = licenseTarget.extend({ hostId: hostId.nullish() })

export const freeDevice = licenseTarget.extend({ device })

export const dropDeviceUser = freeDevice.extend({ user: z.string().min(1).max(64) })

export const listHostUsers = licenseTarget.extend({ hostId: hostId.nullish() })

export const dropHostUser = licenseTarget.extend({ hostId, key: startOfThumbprint })

export const startTrial = z.object({ productId, hostId, ...activateFields })

export const time = z.object({
  nonce: z.string().regex(/^[\w-]{16,64}$/, 'must be 16 to 64 characters of base64url'),
})
