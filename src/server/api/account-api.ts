import { isIP } from 'node:net'
import type { AccessToken } from '../../domain/access-token'
import type { Customer } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { Product } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import { LicenseError } from '../../protocol/license-error'
import * as inputs from '../../protocol/schemas/in-process'
import { parserOf } from '../../protocol/schemas/parse-input'
import type { CustomerChanges, Page, ProductVersionChanges } from '../../storage/verbs/store'
import {
  type CreateAccessToken,
  type CreatedAccessToken,
  createAccessToken,
  revokeAccessToken,
  type TokenAuthenticator,
} from '../service/access-tokens'
import type { Call, ServiceContext } from '../service/context'
import { type CreateCustomer, createCustomer, deleteCustomer, updateCustomer } from '../service/customers'
import { type CreateProductVersion, createProductVersion, updateProductVersion } from '../service/product-versions'
import { type CreateProduct, createProduct, type UpdateProduct, updateProduct } from '../service/products'
import { createLicensesApi, type LicensesApi } from './licenses'
import { parseCustomerId, parseEmail, parseProductId, parseTokenId, parseVersionId } from './names'
import { type OnceOnly, onceOnly } from './once-only'
import { each, type PageOptions, parsePage } from './page'
import { createEventsApi, createWebhooksApi, type EventsApi, type WebhookRules, type WebhooksApi } from './webhooks'

/** Everything of one account, in process: what the HTTP routes do, and what only the vendor may. */
export interface AccountApi {
  readonly licenses: LicensesApi
  readonly products: ProductsApi
  readonly customers: CustomersApi
  readonly accessTokens: AccessTokensApi
  readonly webhooks: WebhooksApi
  readonly events: EventsApi
}

export interface ProductsApi {
  /**
   * Makes a product, with the next free package id. Asked again with the same `idempotencyKey` within 30 days, returns the
   * one made the first time.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field
   */
  create(input: CreateProduct & OnceOnly): Promise<Product>
  /**
   * Makes a version of a product, which licenses can be tied to.
   * @throws {LicenseError} PRODUCT_NOT_FOUND, INVALID_REQUEST, MISSING_PARAMS
   */
  createVersion(productId: string, input: CreateProductVersion): Promise<ProductVersion>
  /**
   * Changes a version. An inactive one stays with the licenses that have it, and is given to no others.
   * @throws {LicenseError} VERSION_NOT_FOUND, INVALID_REQUEST
   */
  updateVersion(productId: string, versionId: string, changes: ProductVersionChanges): Promise<ProductVersion>
  /** Oldest first. */
  listVersions(productId: string, page?: PageOptions): Promise<Page<ProductVersion>>
  /** The product, or null. */
  get(productId: string): Promise<Product | null>
  /** By package id, ascending. */
  list(page?: PageOptions): Promise<Page<Product>>
  /** Every product, by package id, read as it is walked. */
  each(): AsyncIterable<Product, void, undefined>
  /**
   * Changes what is given. An inactive product's keys look unknown.
   * @throws {LicenseError} PRODUCT_NOT_FOUND
   * @throws {LicenseError} INVALID_REQUEST when a field is malformed; when `authtoolClient` is switched on without token and AES key,
   *   or has the token of another product
   */
  update(productId: string, changes: UpdateProduct): Promise<Product>
}

export interface CustomersApi {
  /**
   * Makes a customer. Name and email are carried, and not judged: a name that is missing is the email.
   * @throws {LicenseError} CUSTOMER_EMAIL_TAKEN when the account has one with this email, letter case aside
   * @throws {LicenseError} MISSING_PARAMS with neither a name nor an email; INVALID_REQUEST naming the field
   */
  create(input: CreateCustomer): Promise<Customer>
  /** The customer, or null. */
  get(customerId: string): Promise<Customer | null>
  /** The customer with this email, letter case aside, or null. */
  findByEmail(email: string): Promise<Customer | null>
  /** Oldest first. */
  list(page?: PageOptions): Promise<Page<Customer>>
  /** Every customer, oldest first, read as it is walked. */
  each(): AsyncIterable<Customer, void, undefined>
  /**
   * Changes what is given. Disabling (`active: false`) stops activation, not deactivation. A name that is null or empty becomes
   * the email, where there is one.
   * @throws {LicenseError} CUSTOMER_NOT_FOUND, CUSTOMER_EMAIL_TAKEN, INVALID_REQUEST
   */
  update(customerId: string, changes: CustomerChanges): Promise<Customer>
  /**
   * Deletes the customer with its licenses and their activations; returns how many licenses. Where it has more than 50, they go
   * in several steps, and the customer with the last: if one fails, call it again.
   * @throws {LicenseError} CUSTOMER_NOT_FOUND
   */
  delete(customerId: string): Promise<number>
}

export interface AccessTokensApi {
  /**
   * Makes an access token. Its text is returned here and never again.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field
   * @throws {LicenseError} INVALID_REQUEST when a publishable token has no product list, or an address is none
   */
  create(input: CreateAccessToken): Promise<CreatedAccessToken>
  /** Oldest first, revoked and expired ones included; never their texts. */
  list(page?: PageOptions): Promise<Page<AccessToken>>
  /** Every access token, oldest first, read as it is walked. */
  each(): AsyncIterable<AccessToken, void, undefined>
  /**
   * Revokes a token: here at once, in other instances once their cache has run out (`accessTokenCacheSeconds`).
   * @throws {LicenseError} ACCESS_TOKEN_NOT_FOUND
   */
  revoke(tokenId: string): Promise<void>
}

const parseCreateProduct = parserOf<CreateProduct & OnceOnly>()(inputs.createProduct)
const parseProductChanges = parserOf<UpdateProduct>()(inputs.productChanges)
const parseCreateProductVersion = parserOf<CreateProductVersion>()(inputs.createProductVersion)
const parseProductVersionChanges = parserOf<ProductVersionChanges>()(inputs.productVersionChanges)
const parseCreateCustomer = parserOf<CreateCustomer>()(inputs.createCustomer)
const parseCustomerChanges = parserOf<CustomerChanges>()(inputs.customerChanges)
const parseCreateAccessToken = parserOf<CreateAccessToken>()(inputs.createAccessToken)

export function createAccountApi(
  context: ServiceContext,
  call: Call,
  tokens: TokenAuthenticator,
  rules: WebhookRules,
): AccountApi {
  const { store } = context
  const { accountId } = call
  return {
    licenses: createLicensesApi(context, call),
    webhooks: createWebhooksApi(context, call, rules),
    events: createEventsApi(context, call),
    products: {
      create: async (input) => {
        const parsed = withoutUndefined(parseCreateProduct(input))
        const { idempotencyKey: _, ...product } = parsed
        return createProduct(context, onceOnly(call, 'products.create', parsed, context.now()), product)
      },
      createVersion: async (productId, input) =>
        createProductVersion(
          context,
          call,
          parseProductId(productId),
          withoutUndefined(parseCreateProductVersion(input)),
        ),
      updateVersion: async (productId, versionId, changes) =>
        updateProductVersion(
          context,
          call,
          parseProductId(productId),
          parseVersionId(versionId),
          withoutUndefined(parseProductVersionChanges(changes)),
        ),
      listVersions: async (productId, page) =>
        store.listProductVersions(accountId, parseProductId(productId), parsePage(page)),
      get: async (productId) => store.findProduct(accountId, parseProductId(productId)),
      list: async (page) => store.listProducts(accountId, parsePage(page)),
      each: () => each((page) => store.listProducts(accountId, page)),
      update: async (productId, changes) =>
        updateProduct(context, call, parseProductId(productId), readUpdate(parseProductChanges(changes))),
    },
    customers: {
      create: async (input) => createCustomer(context, call, withoutUndefined(parseCreateCustomer(input))),
      get: async (customerId) => store.findCustomer(accountId, parseCustomerId(customerId)),
      findByEmail: async (email) => store.findCustomerByEmail(accountId, parseEmail(email)),
      list: async (page) => store.listCustomers(accountId, {}, parsePage(page)),
      each: () => each((page) => store.listCustomers(accountId, {}, page)),
      update: async (customerId, changes) =>
        updateCustomer(context, call, parseCustomerId(customerId), withoutUndefined(parseCustomerChanges(changes))),
      delete: async (customerId) => deleteCustomer(context, call, parseCustomerId(customerId)),
    },
    accessTokens: {
      async create(input) {
        const parsed = parseCreateAccessToken(input)
        for (const address of parsed.allowedAddresses ?? []) requireAddress(address)
        return createAccessToken(context, call, withoutUndefined(parsed))
      },
      list: async (page) => store.listAccessTokens(accountId, parsePage(page)),
      each: () => each((page) => store.listAccessTokens(accountId, page)),
      async revoke(tokenId) {
        await revokeAccessToken(context, call, parseTokenId(tokenId))
        tokens.forget()
      },
    },
  }
}

function readUpdate({ authtoolClient: client, ...terms }: ReturnType<typeof parseProductChanges>): UpdateProduct {
  const authtoolClient = client && withoutUndefined(client)
  return withoutUndefined({ ...terms, authtoolClient })
}

function requireAddress(entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  if (bits >= 0 && fits && rest.length === 0) return
  throw new LicenseError('INVALID_REQUEST', `allowedAddresses: ${entry} is neither an address nor a CIDR range`, {
    detail: { field: 'allowedAddresses' },
  })
}
