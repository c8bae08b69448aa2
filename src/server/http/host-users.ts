import type { HostKey } from '../../domain/host-keys'
import { describeLicense } from '../service/describe-license'
import { dropKey } from '../service/drop-key'
import { toExpiry, toInstant } from './instants'
import { keymintEndpoint, toTarget } from './keymint-endpoint'

/** Family D: what the vendor may see and do about the users of a host. */
export const hostUserEndpoints = [
  keymintEndpoint('listHostUsers', {
    async handle({ input, call }, context) {
      const { activations } = await describeLicense(context, call, toTarget(input))
      const named = input.hostId ?? undefined
      const hosts = activations.filter(({ hostId }) => named === undefined || hostId === named)
      return { body: { code: 0, hosts: hosts.map(({ hostId, keys }) => ({ hostId, users: keys.map(toUser) })) } }
    },
  }),
  keymintEndpoint('dropHostUser', {
    async handle({ input, call }, context) {
      await dropKey(context, call, { ...toTarget(input), hostId: input.hostId, key: input.key })
      return { body: { code: 0, message: 'User dropped' } }
    },
  }),
]

function toUser({ thumbprint, recovery, former, boundAt, usedAt, tokensEndAt, until, leftAt, droppedAt }: HostKey) {
  return {
    key: thumbprint,
    recoveryKey: recovery,
    formerKeys: former,
    boundAt: toInstant(boundAt),
    usedAt: toInstant(usedAt),
    tokensEndAt: toInstant(tokensEndAt),
    until: toExpiry(until),
    leftAt: toExpiry(leftAt),
    droppedAt: toExpiry(droppedAt),
  }
}
