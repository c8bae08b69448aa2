import * as z from 'zod'
import { customerOfKey } from './keymint'
import { licenseToken } from './license-token'
import { activated, activations, answerComponents, code, expiry, id, instant, key, maxActivations } from './parts'

/** What family B answers when it is done; what it shares with family A is there. */

export const v1CreatedKey = z.object({ code, key }).register(answerComponents, { id: 'V1CreatedKey' })

export const v1ActivatedKey = z
  .object({
    code,
    message: z.literal('License valid'),
    licensee_name: z.string().nullable().describe("The customer's name; null where the license has no customer."),
    licensee_email: z.string().nullable().describe("The customer's email; null where it has none."),
    license_token: licenseToken,
  })
  .register(answerComponents, { id: 'V1ActivatedKey' })

const v1Device = z
  .object({
    host_id: z.string().describe('The host, as it named itself.'),
    device_tag: z.string().nullable().describe('What the app calls the device.'),
    ip_address: z.string().nullable().describe('The address it was activated from.'),
    activation_time: instant,
  })
  .register(answerComponents, { id: 'V1Device' })

export const v1ShownKey = z
  .object({
    code,
    data: z.object({
      license: z.object({
        id,
        key,
        product_id: id.describe('The product the request named.'),
        max_activations: maxActivations,
        usage_limit: maxActivations,
        activations,
        devices: z.array(v1Device).describe('The newest 10,000 activations.'),
        activated,
        expiration_date: expiry.describe('Null: never.'),
      }),
      customer: customerOfKey.nullable().describe('Null where the license has none.'),
    }),
  })
  .register(answerComponents, { id: 'V1ShownKey' })
