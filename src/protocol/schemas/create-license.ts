import { z } from 'zod'
import { inputParser } from './parse-input'
import { email, hostId, MAX_ACTIVATIONS, metadata, name, printableAscii, productId, text } from './primitives'

/** What a license is made with, in process. */
export const parseCreateLicense = inputParser(
  z.object({
    productId,
    maxActivations: z.int().min(1).max(MAX_ACTIVATIONS).nullish(),
    expiresAt: z.date().nullish(),
    validFor: z
      .object({ amount: z.int().min(1).max(9999), unit: z.enum(['hour', 'day', 'week', 'month', 'year']) })
      .optional(),
    customer: z
      .union([z.object({ id: printableAscii(22, 256) }), z.object({ name, email: email.nullish() })])
      .optional(),
    metadata: metadata.nullish(),
    allowedHosts: z.array(hostId).max(1000).nullish(),
    idempotencyKey: text(1, 255).optional(),
  }),
)
