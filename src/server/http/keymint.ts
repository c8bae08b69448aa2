import { activateKey, createKey, deactivateKey, licenseTarget, updateKey } from '../../protocol/schemas/keymint'
import type { Activation } from '../domain/activation'
import { activate } from '../service/activate'
import { createHolder, setBlocked, updateLicense } from '../service/change-license'
import type { ServiceContext } from '../service/context'
import { deactivateAll, deactivateHost } from '../service/deactivate'
import { describeLicense, type LicenseDescription } from '../service/describe-license'
import type { Answer } from './answer'
import type { EndpointRequest } from './endpoint'
import { checkCreateKey, checkHolder, createKeys, toChanges, toCustomer } from './keymint-create'
import { keymintEndpoint, toTarget } from './keymint-endpoint'
import { requireHostFromPublishable } from './publishable'
import type { RenderingTable } from './render-error'

/** Creating and updating a key call an unknown customer a malformed field. */
export const UNKNOWN_CUSTOMER: RenderingTable = { CUSTOMER_NOT_FOUND: [400, 1, 'Customer not found'] }

/** Family A: KeyMint's current routes. */
export const keymintEndpoints = [
  keymintEndpoint('createKey', createKey, {
    renderings: UNKNOWN_CUSTOMER,
    check: checkCreateKey,
    async handle(request, context) {
      const keys = await createKeys(request, context)
      return { body: { code: 0, key: keys[0], ...(keys.length > 1 && { keys }) } }
    },
  }),
  keymintEndpoint('getKey', licenseTarget, {
    async handle({ input, call }, context) {
      const description = await describeLicense(context, call, toTarget(input))
      return { body: { code: 0, data: toData(description, input.productId) } }
    },
  }),
  keymintEndpoint('updateKey', updateKey, {
    renderings: UNKNOWN_CUSTOMER,
    check: checkHolder,
    async handle({ input, call }, context) {
      const target = toTarget(input)
      const holder = input.newCustomer && (await createHolder(context, call, target, toCustomer(input.newCustomer)))
      await updateLicense(context, call, target, toChanges({ ...input, customerId: holder?.id ?? input.customerId }))
      return { body: { code: 0, message: 'Key updated', affectedCount: 1 } }
    },
  }),
  keymintEndpoint('activateKey', activateKey, {
    async handle({ input, call }, context) {
      const { license, customer, activation, licenseToken } = await activate(context, call, {
        ...toTarget(input),
        hostId: input.hostId ?? undefined,
        deviceTag: input.deviceTag ?? undefined,
        appVersion: input.version ?? undefined,
      })
      return {
        body: {
          code: 0,
          message: 'License valid',
          ...(customer && { licenseeName: customer.name }),
          ...(customer?.email && { licenseeEmail: customer.email }),
          metadata: license.metadata,
          versionId: null,
          allowedHosts: license.allowedHosts,
          hostId: activation.hostId,
          licenseToken,
        },
      }
    },
  }),
  keymintEndpoint('deactivateKey', deactivateKey, {
    check: requireHostFromPublishable,
    handle: deactivateFromRequest,
  }),
  keymintEndpoint('blockKey', licenseTarget, { handle: blockFromRequest(true) }),
  keymintEndpoint('unblockKey', licenseTarget, { handle: blockFromRequest(false) }),
]

interface NamesKey {
  readonly productId: string
  readonly licenseKey: string
}

/** Deactivates one host, or all of them where none is named; both versions of KeyMint answer alike. */
export async function deactivateFromRequest(
  { input, call }: EndpointRequest<NamesKey & { readonly hostId?: string | undefined }>,
  context: ServiceContext,
): Promise<Answer> {
  if (input.hostId === undefined) {
    await deactivateAll(context, call, toTarget(input))
    return { body: { message: 'All devices deactivated', code: 0 } }
  }
  await deactivateHost(context, call, { ...toTarget(input), hostId: input.hostId })
  return { body: { message: 'Device deactivated', code: 0 } }
}

/** Blocks or unblocks; both versions of KeyMint answer alike. */
export function blockFromRequest(blocked: boolean) {
  return async ({ input, call }: EndpointRequest<NamesKey>, context: ServiceContext): Promise<Answer> => {
    await setBlocked(context, call, toTarget(input), blocked)
    return { body: { message: blocked ? 'Key blocked' : 'Key unblocked', code: 0 } }
  }
}

function toData({ license, customer, activations }: LicenseDescription, productId: string) {
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
      expirationDate: license.expiresAt,
      versionId: null,
      version: null,
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
    activationTime: activatedAt,
  }
}
