import type { Activation } from '../../domain/activation'
import { activate } from '../service/activate'
import { describeLicense, type LicenseDescription } from '../service/describe-license'
import { toExpiry, toInstant } from './instants'
import { blockFromRequest, deactivateFromRequest, nameLicensee, toHost, toLicensee } from './keymint'
import { checkCreateKey, createKeys } from './keymint-create'
import { keymintEndpoint, toTarget } from './keymint-endpoint'
import { requireHostFromPublishable } from './publishable'

/** Family B: KeyMint's first version. Names in its answers are snake_case. */
export const keymintV1Endpoints = [
  keymintEndpoint('v1CreateKey', {
    check: checkCreateKey,
    async handle(request, context) {
      const { usesPerKey, ...input } = request.input
      const maxActivations = usesPerKey ?? input.maxActivations
      const [key] = await createKeys({ ...request, input: { ...input, maxActivations, amountKeys: 1 } }, context)
      return { body: { code: 0, key } }
    },
  }),
  keymintEndpoint('v1ActivateKey', {
    async handle({ input, call }, context) {
      const { customer, activation, licenseToken } = await activate(context, call, {
        ...toTarget(input),
        ...toHost(input),
        hostId: input.hostId,
        licensee: toLicensee(input.licensee),
      })
      const licensee = nameLicensee(activation, customer)
      return {
        body: {
          code: 0,
          message: 'License valid',
          licensee_name: licensee.name,
          licensee_email: licensee.email,
          license_token: licenseToken,
        },
      }
    },
  }),
  keymintEndpoint('v1DeactivateKey', {
    check: requireHostFromPublishable,
    async handle(request, context) {
      const { devicesRemoved: _, ...body } = await deactivateFromRequest(request, context)
      return { body }
    },
  }),
  keymintEndpoint('v1GetKey', {
    async handle({ input, call }, context) {
      const description = await describeLicense(context, call, toTarget(input))
      return { body: { code: 0, data: toData(description, input.productId) } }
    },
  }),
  keymintEndpoint('v1BlockKey', { handle: blockFromRequest(true, 'Key blocked') }),
  keymintEndpoint('v1UnblockKey', { handle: blockFromRequest(false, 'Key unblocked') }),
]

function toData({ license, customer, activations }: LicenseDescription, productId: string) {
  // Typed clients need a number: 0 stands for unlimited.
  const limit = license.maxActivations ?? 0
  return {
    license: {
      id: license.id,
      key: license.key,
      product_id: productId,
      max_activations: limit,
      usage_limit: limit,
      activations: license.activationCount,
      devices: activations.map(toDevice),
      activated: !license.blocked,
      expiration_date: toExpiry(license.expiresAt),
    },
    customer: customer && { id: customer.id, name: customer.name, email: customer.email, active: customer.active },
  }
}

function toDevice({ hostId, deviceTag, address, activatedAt }: Activation) {
  return { host_id: hostId, device_tag: deviceTag, ip_address: address, activation_time: toInstant(activatedAt) }
}
