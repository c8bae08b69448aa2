import { type AccessToken, hasScopes } from '../../domain/access-token'
import { addDuration } from '../../domain/calendar'
import { withoutUndefined } from '../../domain/fields'
import { DEFAULT_KEYS, formattedKeys } from '../../domain/license-key'
import { LicenseError } from '../../protocol/license-error'
import type { InputOf } from '../../protocol/schemas/requests'
import type { LicenseChanges } from '../../storage/verbs/store'
import type { ServiceContext } from '../service/context'
import { type CreateLicenses, createLicenses } from '../service/create-licenses'
import { forbidden } from '../service/refusals'
import type { EndpointRequest } from './endpoint'

/** The fields that creating and updating a key share, as families A and B spell them. */
type KeyFields = Omit<InputOf<'createKey'>, 'format' | 'amountKeys'>

/** What a request to make keys may hold. */
type CreateKeyFields = InputOf<'createKey'>

/** Each key keeps the hosts that it is for: a thousand keys for a thousand hosts are 64 MB. */
const MAX_HOSTS_AT_ONCE = 100_000

/** How long a key is good for when the request does not say. */
const DEFAULT_VALIDITY = { amount: 1, unit: 'month' } as const

/**
 * What the schema does not tell of a request to make keys.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS, INVALID_REQUEST
 */
export function checkCreateKey(input: CreateKeyFields, token: AccessToken): void {
  checkHolder(input, token)
  toKeyMaker(input)
  const hosts = (input.allowedHosts?.length ?? 0) * (input.amountKeys ?? 1)
  if (hosts > MAX_HOSTS_AT_ONCE) {
    const said = `allowedHosts: makes ${hosts} hosts with so many keys; at most ${MAX_HOSTS_AT_ONCE} in one request`
    throw new LicenseError('INVALID_REQUEST', said, { detail: { field: 'allowedHosts' } })
  }
}

/**
 * What the schema does not tell of a license's holder: a new customer takes a scope of its own, and leaves no room for
 * another.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS, INVALID_REQUEST
 */
export function checkHolder({ customerId, newCustomer }: KeyFields, token: AccessToken): void {
  if (newCustomer && !hasScopes(token, ['customers:write'])) {
    throw forbidden()
  }
  if (customerId && newCustomer) {
    throw new LicenseError('INVALID_REQUEST', 'Cannot specify both customerId and newCustomer')
  }
}

/** Makes the keys a request asks for, one at least, all or none, and returns them. */
export async function createKeys(
  { input, call }: EndpointRequest<CreateKeyFields>,
  context: ServiceContext,
): Promise<readonly [string, ...string[]]> {
  const holder = toHolder(input)
  const { licenses } = await createLicenses(context, call, {
    quantity: input.amountKeys ?? 1,
    terms: toTerms(input, context.now()),
    keys: toKeyMaker(input),
    ...(holder && { holder }),
  })
  const [first, ...others] = licenses.map(({ key }) => key)
  if (first === undefined) throw new TypeError('no license was made')
  return [first, ...others]
}

/** The changes a request asks for: null clears, absent stays. */
export function toChanges(input: KeyFields): LicenseChanges {
  return withoutUndefined({
    maxActivations: input.maxActivations,
    expiresAt: input.expiryDate,
    customerId: input.customerId,
    metadata: input.metadata,
    allowedHosts: input.allowedHosts,
    usersPerHost: input.usersPerHost,
    versionId: input.versionId,
    type: input.licenseType,
    maxConcurrentSessions: input.maxConcurrentSessions,
    heartbeatIntervalSeconds: input.heartbeatInterval,
    sessionLeaseSeconds: input.sessionLeaseDuration,
  })
}

function toTerms(input: KeyFields, now: Date): CreateLicenses['terms'] {
  const { customerId: _, ...terms } = toChanges(input)
  return { productIds: [input.productId], expiresAt: addDuration(now, DEFAULT_VALIDITY), ...terms }
}

function toKeyMaker({ format }: CreateKeyFields): CreateLicenses['keys'] {
  return format ? formattedKeys(withoutUndefined(format)) : DEFAULT_KEYS
}

function toHolder({ customerId, newCustomer }: CreateKeyFields): CreateLicenses['holder'] {
  if (customerId) return { customerId }
  return newCustomer ? { ...toCustomer(newCustomer), onEmailTaken: 'refuse' } : undefined
}

/** A customer as a request describes it. */
export function toCustomer({ name, email = null }: NonNullable<KeyFields['newCustomer']>) {
  return { name, email }
}
