import type { Activation, Licensee } from '../../domain/activation'
import { earliest } from '../../domain/calendar'
import type { Customer } from '../../domain/customer'
import type { Product } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import type { AnswerOf } from '../../protocol/schemas/api/index'
import type { InputOf } from '../../protocol/schemas/requests'
import { type Activated, activate } from '../service/activate'
import { setBlocked, updateLicense } from '../service/change-license'
import type { Call, ServiceContext } from '../service/context'
import { deactivateAll, deactivateHost } from '../service/deactivate'
import { describeLicense, type LicenseDescription } from '../service/describe-license'
import { findVersion } from '../service/product-versions'
import type { EndpointRequest } from './endpoint'
import { toExpiry, toInstant } from './instants'
import { checkCreateKey, checkHolder, createKeys, toChanges, toCustomer } from './keymint-create'
import { keymintEndpoint, toTarget } from './keymint-endpoint'
import { requireHostFromPublishable } from './publishable'

/** Family A: KeyMint's current routes. */
export const keymintEndpoints = [
  keymintEndpoint('createKey', {
    check: checkCreateKey,
    async handle(request, context) {
      const keys = await createKeys(request, context)
      return { body: { code: 0, key: keys[0], ...(request.input.amountKeys != null && { keys }) } }
    },
  }),
  keymintEndpoint('getKey', {
    async handle({ input, call }, context) {
      const description = await describeLicense(context, call, toTarget(input))
      const version = await findVersion(context, call, input.productId, description.license.versionId)
      return { body: { code: 0, data: toData(description, input.productId, version) } }
    },
  }),
  keymintEndpoint('updateKey', {
    check: checkHolder,
    async handle({ input, call }, context) {
      const target = toTarget(input)
      const newCustomer = input.newCustomer ? toCustomer(input.newCustomer) : undefined
      await updateLicense(context, call, target, toChanges(input), newCustomer)
      return { body: { code: 0, message: 'Key updated', affectedCount: 1 } }
    },
  }),
  keymintEndpoint('activateKey', {
    async handle({ input, call }, context) {
      const activated = await activate(context, call, {
        ...toTarget(input),
        ...toHost(input),
        hostId: input.hostId ?? undefined,
        replaceDevice: input.replaceDevice ?? undefined,
        licenseToken: input.licenseToken ?? undefined,
        licensee: toLicensee(input.licensee),
      })
      return { body: await toActivated(context, call, input.productId, activated) }
    },
  }),
  keymintEndpoint('deactivateKey', {
    check: requireHostFromPublishable,
    handle: async (request, context) => ({ body: await deactivateFromRequest(request, context) }),
  }),
  keymintEndpoint('blockKey', { handle: blockFromRequest(true, 'Key blocked') }),
  keymintEndpoint('unblockKey', { handle: blockFromRequest(false, 'Key unblocked') }),
]

/** What a host says of itself, as every route that activates spells it. */
export function toHost({ previousHostIds, deviceTag, version }: HostFields) {
  return {
    previousHostIds: previousHostIds ?? undefined,
    deviceTag: deviceTag ?? undefined,
    appVersion: version ?? undefined,
  }
}

interface HostFields {
  readonly previousHostIds?: readonly string[] | null | undefined
  readonly deviceTag?: string | null | undefined
  readonly version?: string | null | undefined
}

/** What a host that holds a slot is told. */
export async function toActivated(
  context: ServiceContext,
  call: Call,
  productId: string,
  activated: Activated,
): Promise<AnswerOf<'activateKey'>> {
  const { license, product, customer, activation, licenseToken } = activated
  const licensee = nameLicensee(activation, customer)
  const { version = await findVersion(context, call, productId, license.versionId) } = activated
  return {
    code: 0,
    message: 'License valid',
    ...(licensee.name !== null && { licenseeName: licensee.name }),
    ...(licensee.email !== null && { licenseeEmail: licensee.email }),
    metadata: { hostId: activation.hostId, features: toFeatures(product), ...license.metadata },
    expirationDate: toExpiry(earliest(license.expiresAt, activation.expiresAt)),
    versionId: license.versionId,
    ...(version && { version: { version: version.version } }),
    allowedHosts: license.allowedHosts,
    hostId: activation.hostId,
    licenseToken,
  }
}

/** The entitlements, as KeyMint's clients look for them. */
function toFeatures({ entitlements }: Product): Readonly<Record<string, true>> {
  return Object.fromEntries(entitlements.map((name) => [name, true]))
}

/** Deactivates one host, or all of them where none is named. KeyMint's first version does not tell how many were. */
export async function deactivateFromRequest(
  { input, call }: EndpointRequest<InputOf<'deactivateKey'>>,
  context: ServiceContext,
): Promise<AnswerOf<'deactivateKey'>> {
  if (input.hostId === undefined) {
    const devicesRemoved = await deactivateAll(context, call, toTarget(input))
    return { message: 'All devices deactivated', code: 0, devicesRemoved }
  }
  const { hostId, forAll } = input
  const left = await deactivateHost(context, call, { ...toTarget(input), hostId, ...(forAll === true && { forAll }) })
  if (left === undefined) return { message: 'Device deactivated', code: 0, devicesRemoved: 1 }
  const status = left.releaseAt === null ? 'kept-by-others' : 'release-pending'
  const releaseAt = left.releaseAt && { releaseAt: toInstant(left.releaseAt) }
  return { message: 'Device deactivated', code: 0, status, ...releaseAt, devicesRemoved: 0 }
}

/** Blocks or unblocks; both versions of KeyMint answer alike. */
export function blockFromRequest<Message extends string>(blocked: boolean, message: Message) {
  return async ({ input, call }: EndpointRequest<InputOf<'blockKey'>>, context: ServiceContext) => {
    await setBlocked(context, call, toTarget(input), blocked)
    return { body: { message, code: 0 } as const }
  }
}

/** Who uses it, as the app told it when it activated; else the customer. */
export function nameLicensee(activation: Activation, customer: Customer | null): Licensee {
  const { licensee } = activation
  return { name: licensee?.name ?? customer?.name ?? null, email: licensee?.email ?? customer?.email ?? null }
}

/** A licensee as a request describes it. */
export function toLicensee(input: Partial<Nullish<Licensee>> | null | undefined): Licensee | undefined {
  return input ? { name: input.name || null, email: input.email ?? null } : undefined
}

type Nullish<T> = { readonly [Name in keyof T]: T[Name] | undefined }

function toData(
  { license, customer, activations }: LicenseDescription,
  productId: string,
  version: ProductVersion | null,
) {
  return {
    license: {
      id: license.id,
      key: license.key,
      productId,
      // Typed SDKs need a number: 0 stands for unlimited.
      maxActivations: license.maxActivations ?? 0,
      activations: license.activationCount,
      devices: activations.map(toDevice),
      activated: !license.blocked,
      expirationDate: toExpiry(license.expiresAt),
      versionId: license.versionId,
      version: version && {
        id: version.id,
        version: version.version,
        description: version.description,
        active: version.active,
      },
      metadata: license.metadata,
      allowedHosts: license.allowedHosts,
    },
    ...(customer && {
      customer: { id: customer.id, name: customer.name, email: customer.email, active: customer.active },
    }),
  }
}

function toDevice({ hostId, deviceTag, address, activatedAt }: Activation) {
  return {
    hostId,
    ...(deviceTag !== null && { deviceTag }),
    ...(address !== null && { ipAddress: address }),
    activationTime: toInstant(activatedAt),
  }
}
