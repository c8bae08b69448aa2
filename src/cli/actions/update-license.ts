import { addDuration, type CalendarDuration } from '../../server/domain/calendar'
import type { License, Metadata } from '../../server/domain/license'
import type { LicenseChanges } from '../../server/index'
import { UsageError } from '../failure'
import { presentLicense } from '../license-view'
import { namedCustomer } from '../named-customer'
import { assignableVersion } from '../named-version'
import { type OpenStore, withStore } from '../open-store'
import type { LicenseOptions } from './licenses'

/** What is given is changed; null takes it away. */
export interface UpdateLicenseOptions extends LicenseOptions {
  readonly maxActivations?: number | null
  readonly seats?: number | null
  /** In seconds. */
  readonly heartbeat?: number | null
  /** In seconds. */
  readonly lease?: number | null
  readonly expires?: Date | null
  readonly validFor?: CalendarDuration
  readonly metadata?: Metadata | null
  readonly allowedHosts?: readonly string[] | null
  readonly productVersion?: string | null
  readonly customer?: string | null
}

export function updateLicense(licenseKey: string, options: UpdateLicenseOptions): Promise<void> {
  const changes = { ...termsIn(options), ...floatingIn(options) }
  const { productVersion, customer } = options
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

function termsIn({ maxActivations, expires, validFor, metadata, allowedHosts }: UpdateLicenseOptions): LicenseChanges {
  return {
    ...(maxActivations !== undefined && { maxActivations }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...(validFor !== undefined && { expiresAt: addDuration(new Date(), validFor) }),
    ...(metadata !== undefined && { metadata }),
    ...(allowedHosts !== undefined && { allowedHosts }),
  }
}

function floatingIn({ seats, heartbeat, lease }: UpdateLicenseOptions): LicenseChanges {
  return {
    ...(seats !== undefined && { maxConcurrentSessions: seats }),
    ...(heartbeat !== undefined && { heartbeatIntervalSeconds: heartbeat }),
    ...(lease !== undefined && { sessionLeaseSeconds: lease }),
  }
}

/** A limit the license does not go by would look as if it held. */
function requireFitting({ type }: License, options: UpdateLicenseOptions): void {
  if (type === 'floating' && options.maxActivations !== undefined) {
    throw new UsageError('the license is a floating one: its limit is --seats, not --max-activations')
  }
  if (type !== 'floating' && Object.keys(floatingIn(options)).length > 0) {
    throw new UsageError('--seats, --heartbeat and --lease are for floating licenses, and this one is not')
  }
}

async function namedIn(
  store: OpenStore,
  { productIds }: License,
  { productVersion, customer }: UpdateLicenseOptions,
): Promise<LicenseChanges> {
  return {
    ...(productVersion !== undefined && {
      versionId: productVersion && (await assignableVersion(store, productIds, productVersion)).id,
    }),
    ...(customer !== undefined && { customerId: customer && (await namedCustomer(store, customer)).id }),
  }
}
