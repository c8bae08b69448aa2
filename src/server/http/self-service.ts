import type { Activation } from '../../domain/activation'
import { nameOfUser, presentUsers } from '../../domain/device-user'
import { isKeyOf } from '../../domain/host-user'
import type { Proof } from '../../domain/proof'
import { dropDeviceUser, freeDevice, listDevices } from '../service/devices'
import { toInstant } from './instants'
import { keymintEndpoint, toTarget } from './keymint-endpoint'

/** Family D: what whoever holds a license key may do about its devices. */
export const selfServiceEndpoints = [
  keymintEndpoint('listDevices', {
    async handle({ input, call }, context) {
      const { license, devices } = await listDevices(context, call, toTarget(input))
      return {
        body: {
          code: 0,
          maxActivations: license.maxActivations,
          activations: license.activationCount,
          devices: devices.map((device) => toDevice(device, input.hostId, call.proof)),
        },
      }
    },
  }),
  keymintEndpoint('freeDevice', {
    async handle({ input, call }, context) {
      await freeDevice(context, call, { ...toTarget(input), device: input.device })
      return { body: { code: 0, message: 'Device freed' } }
    },
  }),
  keymintEndpoint('dropDeviceUser', {
    async handle({ input, call }, context) {
      await dropDeviceUser(context, call, { ...toTarget(input), device: input.device, user: input.user })
      return { body: { code: 0, message: 'User dropped' } }
    },
  }),
]

/** Never its hostId, its address or a key: a license key may be in more hands than the vendor thinks. */
function toDevice(activation: Activation, hostId: string | null | undefined, { proofKey }: Proof) {
  return {
    device: activation.id,
    deviceTag: activation.deviceTag,
    activatedAt: toInstant(activation.activatedAt),
    lastSeenAt: toInstant(activation.lastSeenAt),
    thisDevice: activation.hostId === hostId,
    resting: activation.surrenderedAt !== null,
    users: presentUsers(activation).map((user) => ({
      user: nameOfUser(activation, user),
      since: toInstant(user.boundAt),
      lastSeenAt: toInstant(user.usedAt),
      thisUser: isKeyOf(user, proofKey),
    })),
  }
}
