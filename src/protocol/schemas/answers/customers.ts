import * as z from 'zod'
import {
  activated,
  activations,
  allowedHosts,
  answerComponents,
  code,
  expiry,
  id,
  instant,
  key,
  maxActivations,
  metadata,
  versionId,
} from './parts'

/** What family A's customer routes answer when they are done. Their envelope is the vendor's. */

const status = z.literal(true)

const customer = z
  .object({
    id,
    name: z.string(),
    email: z.string().nullable().describe('Null where none was given.'),
    active: z.boolean().describe('False while the customer is disabled.'),
    createdAt: instant,
    updatedAt: instant,
    createdBy: z.string().describe('Id of the access token it was created with, or `api`.'),
  })
  .register(answerComponents, { id: 'Customer' })

export const createdCustomer = z
  .object({
    action: z.literal('createCustomer'),
    status,
    message: z.literal('Customer created successfully'),
    data: z.object({ id, name: z.string(), email: z.string().nullable() }),
    code,
  })
  .register(answerComponents, { id: 'CreatedCustomer' })

export const listedCustomers = z
  .object({
    action: z.literal('getCustomers'),
    status,
    data: z.array(customer),
    meta: z.object({
      total: z.int().min(0).describe('How many there are on all pages.'),
      page: z.int().min(1),
      limit: z.int().min(1).max(100).describe('How many a page holds.'),
      totalPages: z.int().min(0),
    }),
    code,
  })
  .register(answerComponents, { id: 'ListedCustomers' })

export const shownCustomer = z
  .object({
    action: z.literal('getCustomerById'),
    status,
    data: z.array(customer).length(1).describe('An array of one, as the vendor has it.'),
    code,
  })
  .register(answerComponents, { id: 'ShownCustomer' })

export const updatedCustomer = z
  .object({ action: z.literal('updateCustomer'), status, message: z.string(), data: customer, code })
  .register(answerComponents, { id: 'UpdatedCustomer' })

export const deletedCustomer = z
  .object({ action: z.literal('removeCustomer'), status, message: z.string(), code })
  .register(answerComponents, { id: 'DeletedCustomer' })

export const toggledCustomer = z
  .object({
    action: z.literal('toggleActive'),
    status,
    message: z.enum(['Customer disabled', 'Customer enabled']).describe('What the customer is now.'),
    customerName: z.string(),
    active: z.boolean(),
    code,
  })
  .register(answerComponents, { id: 'ToggledCustomer' })

const customerKey = z
  .object({
    id,
    key,
    productId: id,
    maxActivations,
    activations,
    activated,
    expirationDate: expiry.describe('Null: never.'),
    versionId,
    metadata,
    allowedHosts,
  })
  .register(answerComponents, { id: 'CustomerKey' })

export const listedCustomerKeys = z
  .union([
    z.object({ action: z.literal('getCustomerLicenseKeys'), status, data: z.array(customerKey), code }),
    z.array(customerKey).describe('In the form of September 2026.'),
  ])
  .register(answerComponents, { id: 'ListedCustomerKeys' })
