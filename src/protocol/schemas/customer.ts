import * as z from 'zod'
import { LENGTHS } from '../bounds'
import { customerState, person } from './fields'
import { printableAscii, text, wholeNumber } from './primitives'

const customerId = printableAscii(LENGTHS.id)
const MAX_PAGE_SIZE = 100

export const createCustomer = z.object(person)

export const listCustomers = z.object({
  page: wholeNumber([1, 1_000_000]).default(1),
  limit: wholeNumber([1, Number.MAX_SAFE_INTEGER])
    .transform((limit) => Math.min(limit, MAX_PAGE_SIZE))
    .default(10),
  email: text(LENGTHS.email).optional(),
})

export const namedCustomer = z.object({ customerId })

export const updateCustomer = z.object({
  customerId,
  ...person,
  name: person.name.optional(),
  ...customerState,
})
