import type { Store } from './store'

/** The verbs of the contract, by what they are about: an adapter is easier to write and to read in these pieces. */
export type AccountVerbs = Pick<
  Store,
  | 'listSigningKeyIds'
  | 'recordSigningKeyId'
  | 'insertAccount'
  | 'findAccount'
  | 'insertAccessToken'
  | 'findAccessToken'
  | 'revokeAccessToken'
  | 'listAccessTokens'
>

export type ProductVerbs = Pick<
  Store,
  | 'insertProduct'
  | 'updateProduct'
  | 'findProduct'
  | 'findProductsByPackageIds'
  | 'listProducts'
  | 'insertProductVersion'
  | 'updateProductVersion'
  | 'findProductVersion'
  | 'listProductVersions'
>

export type CustomerVerbs = Pick<
  Store,
  'insertCustomer' | 'updateCustomer' | 'deleteCustomer' | 'findCustomer' | 'findCustomerByEmail' | 'listCustomers'
>

export type LicenseVerbs = Pick<
  Store,
  | 'insertLicenses'
  | 'findLicense'
  | 'describeLicense'
  | 'updateLicense'
  | 'deleteLicense'
  | 'resetLicense'
  | 'listLicenses'
>

export type ActivationVerbs = Pick<
  Store,
  | 'claimActivation'
  | 'releaseActivation'
  | 'releaseDevice'
  | 'releaseAllActivations'
  | 'findActivation'
  | 'touchActivation'
  | 'listActivations'
  | 'validateActivation'
>

export type TrialVerbs = Pick<Store, 'startTrial'>

export type SessionVerbs = Pick<
  Store,
  'claimSession' | 'findSession' | 'renewSession' | 'releaseSession' | 'listSessions'
>

export type WebhookVerbs = Pick<
  Store,
  | 'insertWebhookEndpoint'
  | 'updateWebhookEndpoint'
  | 'rotateWebhookSecret'
  | 'deleteWebhookEndpoint'
  | 'listWebhookEndpoints'
  | 'claimDeliveries'
  | 'settleDelivery'
  | 'listDeliveries'
  | 'redeliver'
>

export type TransferVerbs = Pick<Store, 'countRecords' | 'exportRecords' | 'importRecords'>

/** The revocation list, the audit log and housekeeping. */
export type HousekeepingVerbs = Pick<
  Store,
  'listRevocations' | 'listEvents' | 'purgeExpired' | 'findUnseen' | 'releaseUnseen'
>
