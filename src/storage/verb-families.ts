import type { Storage } from './contract'

/** The verbs of the contract, by what they are about: an adapter is easier to write and to read in these pieces. */
export type AccountVerbs = Pick<
  Storage,
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
  Storage,
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
  Storage,
  'insertCustomer' | 'updateCustomer' | 'deleteCustomer' | 'findCustomer' | 'findCustomerByEmail' | 'listCustomers'
>

export type LicenseVerbs = Pick<
  Storage,
  'insertLicenses' | 'findLicense' | 'updateLicense' | 'deleteLicense' | 'resetLicense' | 'listLicenses'
>

export type ActivationVerbs = Pick<
  Storage,
  | 'claimActivation'
  | 'releaseActivation'
  | 'releaseAllActivations'
  | 'findActivation'
  | 'touchActivation'
  | 'listActivations'
  | 'spendAllowance'
>

export type SessionVerbs = Pick<
  Storage,
  'claimSession' | 'findSession' | 'renewSession' | 'releaseSession' | 'listSessions'
>

export type WebhookVerbs = Pick<
  Storage,
  | 'insertWebhookEndpoint'
  | 'updateWebhookEndpoint'
  | 'deleteWebhookEndpoint'
  | 'listWebhookEndpoints'
  | 'claimDeliveries'
  | 'settleDelivery'
  | 'listDeliveries'
  | 'redeliver'
>

export type TransferVerbs = Pick<Storage, 'countRecords' | 'exportRecords' | 'importRecords'>

/** The revocation list, the audit log and housekeeping. */
export type HousekeepingVerbs = Pick<
  Storage,
  'listRevocations' | 'listEvents' | 'purgeExpired' | 'findUnseen' | 'releaseUnseen'
>
