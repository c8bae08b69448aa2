import type { InsertLicenses, Storage } from 'keyslot/storage'
import { type Ask, customerAsk, licenseAsk } from '../asks'
import { rowOf } from '../rows'
import type { Store } from '../store'

type LicenseVerbs = Pick<
  Storage,
  'insertLicenses' | 'findLicense' | 'updateLicense' | 'deleteLicense' | 'resetLicense' | 'listLicenses'
>

export function licenseVerbs(store: Store): LicenseVerbs {
  return {
    insertLicenses: (accountId, { licenses, newCustomer }, step) =>
      store.mutate('licenses', 'insertLicenses', accountId, step, {
        licenses: licenses.map(licenseAsk),
        productIds: [...new Set(licenses.flatMap(({ productIds }) => productIds))],
        customerId: licenses[0]?.customerId ?? undefined,
        ...buyerAsk(newCustomer),
      }),
    findLicense: (account, canonicalKey) => store.ask('licenses', 'findLicense', { account, target: { canonicalKey } }),
    updateLicense: (accountId, target, { newCustomer, customerId, ...changes }, step) =>
      store.mutate('licenses', 'updateLicense', accountId, step, {
        target,
        changes: rowOf(changes),
        blocks: changes.blocked === true,
        changesCustomer: customerId !== undefined,
        customerId: customerId ?? undefined,
        ...buyerAsk(newCustomer),
      }),
    deleteLicense: (accountId, target, step) => store.mutate('licenses', 'deleteLicense', accountId, step, { target }),
    resetLicense: (accountId, target, step) => store.mutate('licenses', 'resetLicense', accountId, step, { target }),
    listLicenses: (account, filter, page) => store.page('licenses', 'listLicenses', page, { account, ...filter }),
  }
}

function buyerAsk(newCustomer: InsertLicenses['newCustomer']): Ask {
  return { newCustomer: newCustomer && customerAsk(newCustomer.customer), onEmailTaken: newCustomer?.onEmailTaken }
}
