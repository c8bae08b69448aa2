import {
  createdCustomer,
  deletedCustomer,
  listedCustomerKeys,
  listedCustomers,
  shownCustomer,
  toggledCustomer,
  updatedCustomer,
} from '../answers/customers'
import { describeRoute } from './describe-route'
import { EXAMPLE } from './example-values'

const { customerId, name, email } = EXAMPLE
const named = { customerId }
const customer = {
  id: customerId,
  name,
  email,
  active: true,
  createdAt: EXAMPLE.now,
  updatedAt: EXAMPLE.now,
  createdBy: EXAMPLE.accessTokenId,
}

/** Family A's routes for customers. */
export const customersApi = {
  createCustomer: describeRoute('createCustomer', {
    summary: 'Create a customer',
    description: 'Makes a customer. An email is unique in the account, letter case aside.',
    answer: { schema: createdCustomer, status: 201, description: 'The customer is made.' },
    refusals: ['CUSTOMER_EMAIL_TAKEN'],
    examples: {
      plain: {
        summary: 'A customer with an email',
        request: { name: 'Grace Hopper', email: 'grace@example.com' },
        answer: {
          action: 'createCustomer',
          status: true,
          message: 'Customer created successfully',
          data: { id: customerId, name: 'Grace Hopper', email: 'grace@example.com' },
          code: 0,
        },
      },
    },
  }),
  listCustomers: describeRoute('listCustomers', {
    summary: 'List customers',
    description: 'A page of the customers whom the token may see, or those with an email.',
    answer: { schema: listedCustomers, description: 'A page of customers.' },
    examples: {
      plain: {
        summary: 'The first page',
        request: { page: 1, limit: 10 },
        answer: {
          action: 'getCustomers',
          status: true,
          data: [customer],
          meta: { total: 1, page: 1, limit: 10, totalPages: 1 },
          code: 0,
        },
      },
    },
  }),
  getCustomer: describeRoute('getCustomer', {
    summary: 'Show a customer',
    description: 'The customer, in an array of one.',
    answer: { schema: shownCustomer, description: 'The customer.' },
    refusals: ['CUSTOMER_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Show',
        request: named,
        answer: { action: 'getCustomerById', status: true, data: [customer], code: 0 },
      },
    },
  }),
  updateCustomer: describeRoute('updateCustomer', {
    summary: 'Update a customer',
    description: 'Changes what is given; `null` clears the email, and what is left out stays.',
    answer: { schema: updatedCustomer, description: 'The customer as it is now.' },
    refusals: ['CUSTOMER_NOT_FOUND', 'CUSTOMER_EMAIL_TAKEN'],
    examples: {
      plain: {
        summary: 'Rename',
        request: { customerId, name: 'Ada King' },
        answer: {
          action: 'updateCustomer',
          status: true,
          message: 'Customer updated successfully',
          data: { ...customer, name: 'Ada King' },
          code: 0,
        },
      },
    },
  }),
  deleteCustomer: describeRoute('deleteCustomer', {
    summary: 'Delete a customer',
    description: 'Deletes the customer, its license keys and their activations.',
    answer: { schema: deletedCustomer, description: 'The customer is deleted.' },
    refusals: ['CUSTOMER_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Delete',
        request: named,
        answer: { action: 'removeCustomer', status: true, message: 'Customer deleted successfully', code: 0 },
      },
    },
  }),
  toggleCustomer: describeRoute('toggleCustomer', {
    summary: 'Disable a customer, or enable it again',
    description:
      'Toggles whether the customer is active. The licenses of a disabled customer cannot be activated, but can be ' +
      'deactivated. `customerId` may be in the query or in the body.',
    answer: { schema: toggledCustomer, description: 'The customer is what `message` says.' },
    refusals: ['CUSTOMER_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Disable',
        request: named,
        answer: {
          action: 'toggleActive',
          status: true,
          message: 'Customer disabled',
          customerName: name,
          active: false,
          code: 0,
        },
      },
    },
  }),
  listCustomerKeys: describeRoute('listCustomerKeys', {
    summary: "List a customer's license keys",
    description:
      'Of the oldest 10,000 license keys of the customer those whose products the token may act on, all of them. Where there ' +
      'are more, header `X-Total-Count` says how many. In the form of September 2026 a bare array; see header `x-keymint-wire`.',
    answer: { schema: listedCustomerKeys, description: "The customer's keys." },
    refusals: ['CUSTOMER_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'A customer with one key',
        request: named,
        answer: {
          action: 'getCustomerLicenseKeys',
          status: true,
          data: [
            {
              id: EXAMPLE.licenseId,
              key: EXAMPLE.licenseKey,
              productId: EXAMPLE.productId,
              maxActivations: 3,
              activations: 1,
              activated: true,
              expirationDate: EXAMPLE.expiryDate,
              versionId: null,
              metadata: { order: 'A-1001' },
              allowedHosts: null,
            },
          ],
          code: 0,
        },
      },
    },
  }),
}
