import { DEFAULT_HEARTBEAT_INTERVAL_SECONDS } from '../../domain/session'
import type { InputOf } from '../../protocol/schemas/requests'
import { checkin } from '../service/checkin'
import { checkout } from '../service/checkout'
import { heartbeat } from '../service/heartbeat'
import { signLease } from '../service/sign-lease'
import { toExpiry, toInstant } from './instants'
import { keymintEndpoint, toTarget } from './keymint-endpoint'

/** Family A's floating licenses: a seat is held under a lease, and proven by a secret that is never sent again. */
export const floatingEndpoints = [
  keymintEndpoint('checkout', {
    async handle({ input, call }, context) {
      const { license, customer, session, liveSessions } = await checkout(context, call, {
        ...toTarget(input),
        hostId: input.hostId,
        deviceTag: input.deviceTag ?? undefined,
        userIdentifier: input.userIdentifier ?? undefined,
      })
      return {
        body: {
          code: 0,
          message: 'License checked out',
          sessionId: session.id,
          sessionSecret: session.secret,
          nextNonce: session.nonce,
          expiresAt: toInstant(session.expiresAt),
          heartbeatInterval: license.heartbeatIntervalSeconds ?? DEFAULT_HEARTBEAT_INTERVAL_SECONDS,
          metadata: license.metadata,
          expirationDate: toExpiry(license.expiresAt),
          currentSessions: liveSessions,
          // Typed SDKs need a number: 0 stands for unlimited.
          maxSessions: license.maxConcurrentSessions ?? 0,
          lease: await signLease(context, call, license, session),
          ...(customer && { licenseeName: customer.name }),
          ...(customer?.email && { licenseeEmail: customer.email }),
        },
      }
    },
  }),
  keymintEndpoint('heartbeat', {
    async handle({ input, call }, context) {
      const { license, session } = await heartbeat(context, call, toProof(input))
      const { expiresAt, nonce } = session
      const lease = await signLease(context, call, license, session)
      return {
        body: { code: 0, message: 'Session renewed', expiresAt: toInstant(expiresAt), nextNonce: nonce, lease },
      }
    },
  }),
  keymintEndpoint('checkin', {
    async handle({ input, call }, context) {
      await checkin(context, call, toProof(input))
      return { body: { code: 0, message: 'License checked in' } }
    },
  }),
]

/** KeyMint calls the nonce `timestamp`. */
function toProof(input: InputOf<'heartbeat'>) {
  const { sessionId, timestamp, signature } = input
  return { ...toTarget(input), sessionId, nonce: timestamp, signature }
}
