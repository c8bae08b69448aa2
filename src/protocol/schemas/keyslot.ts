import * as z from 'zod'
import { activateFields, device, licenseTarget } from './keymint'
import { hostId, productId } from './primitives'

export const listDevices = licenseTarget.extend({ hostId: hostId.nullish() })

export const freeDevice = licenseTarget.extend({ device })

export const startTrial = z.object({ productId, hostId, ...activateFields })
