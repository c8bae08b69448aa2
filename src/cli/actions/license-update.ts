import { addDuration, type CalendarDuration } from '../../domain/calendar'
import type { License, LicenseChanges } from '../../domain/license'
import type { StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findCustomer } from '../find-customer'
import { findAssignableVersion } from '../find-version'
import { presentLicense } from '../license-view'
import { type OpenStore, withStore } from '../open-store'
import type { Change } from '../option-values'
import { givesTermsOf, termChanges } from '../term-options'

/** Beside the changes of terms, which `termChanges` reads. */
export interface UpdateLicenseOptions extends StoreOptions {
  readonly validFor?: CalendarDuration
  readonly productVersion?: Change<string>
  readonly customer?: Change<string>
}

export function updateLicense(licenseKey: string, options: UpdateLicenseOptions): Promise<void> {
  const { validFor, productVersion, customer } = options
  const changes = {
    ...termChanges(options),
    ...(validFor && { expiresAt: addDuration(new Date(), validFor) }),
  }
  if (Object.keys(changes).length === 0 && productVersion === undefined && customer === undefined) {
    throw new UsageError('nothing to change was given; see --help')
  }
  return withStore(options, async (store) => {
    const { licenses } = store.licensing
    const { license } = await licenses.get(licenseKey)
    requireFitting(license, options)
    await licenses.update(licenseKey, { ...changes, ...(await namedIn(store, license, options)) })
    await presentLicense(store, licenseKey, options)
  })
}

/** Refuses terms of the other type of license: such a limit would seem to hold, and would not. */
function requireFitting({ type }: License, options: UpdateLicenseOptions): void {
  if (type === 'floating' && givesTermsOf('node-locked', options)) {
    throw new UsageError('the license is a floating one: its limit is --seats, not --max-activations')
  }
  if (type !== 'floating' && givesTermsOf('floating', options)) {
    throw new UsageError('--seats, --heartbeat and --lease are for floating licenses, and this one is not')
  }
}

async function namedIn(
  store: OpenStore,
  { productIds }: License,
  { productVersion, customer }: UpdateLicenseOptions,
): Promise<LicenseChanges> {
  return {
    ...(productVersion && {
      versionId: await idOf(productVersion, (to) => findAssignableVersion(store, productIds, to)),
    }),
    ...(customer && { customerId: await idOf(customer, (to) => findCustomer(store, to)) }),
  }
}

async function idOf(
  { to }: Change<string>,
  find: (named: string) => Promise<{ readonly id: string }>,
): Promise<string | null> {
  return to === null ? null : (await find(to)).id
}
