import * as z from 'zod'
import { email, name, printableAscii, text, wholeNumber } from './primitives'

const customerId = printableAscii(22, 256)
const MAX_PAGE_SIZE = 100

export const createCustomer = z.object({ name, email: email.nullish() })

export const listCustomers = z.object({
  page: wholeNumber(1, 1_000_000).default(1),
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER)
    .transform((limit) => Math.min(limit, MAX_PAGE_SIZE))
    .default(10),
  email: text(1, 254).optional(),
})

export const namedCustomer = z.object({ customerId })

export const updateCustomer = z.object({
  customerId,
  name: name.optional(),
  email: email.nullish(),
  active: z.boolean().optional(),
})
