import { checkedIn, checkedOut, renewedSession } from '../answers/keymint'
import { describeRoute } from './describe-route'
import { EXAMPLE } from './example-values'
import { CLAIM_REFUSALS } from './keymint'

const { productId, licenseKey, hostId, sessionId } = EXAMPLE
const proof = { productId, licenseKey, sessionId, timestamp: EXAMPLE.nonce, signature: EXAMPLE.sessionSignature }

/** Family A's routes for the seats of floating licenses. */
export const floatingApi = {
  checkout: describeRoute('checkout', {
    summary: 'Take a seat of a floating license',
    description:
      'Takes a seat under a lease, which heartbeats renew. A seat is a host and, where one is given, a user of it: ' +
      'checking out again returns the same session with a new secret and nonce.',
    answer: { schema: checkedOut, description: 'The seat is taken.' },
    refusals: CLAIM_REFUSALS,
    examples: {
      plain: {
        summary: 'Take a seat',
        request: { productId, licenseKey, hostId, userIdentifier: 'ada' },
        answer: {
          code: 0,
          message: 'License checked out',
          sessionId,
          sessionSecret: EXAMPLE.sessionSecret,
          nextNonce: EXAMPLE.nonce,
          expiresAt: EXAMPLE.later,
          heartbeatInterval: 300,
          metadata: null,
          expirationDate: EXAMPLE.expiryDate,
          currentSessions: 1,
          maxSessions: 5,
          licenseeName: EXAMPLE.name,
          licenseeEmail: EXAMPLE.email,
        },
      },
    },
  }),
  heartbeat: describeRoute('heartbeat', {
    summary: "Renew a seat's lease",
    description:
      'Renews the lease. `timestamp` is the last `nextNonce`, and `signature` the HMAC-SHA256 of `sessionId:nextNonce` ' +
      'under `sessionSecret`, in hex. A nonce works once: the next one is in the answer.',
    answer: { schema: renewedSession, description: 'The lease is renewed.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'SESSION_NOT_FOUND', 'INVALID_SESSION_SIGNATURE'],
    examples: {
      plain: {
        summary: 'The first heartbeat',
        request: proof,
        answer: { code: 0, message: 'Session renewed', expiresAt: EXAMPLE.later, nextNonce: EXAMPLE.nextNonce },
      },
    },
  }),
  checkin: describeRoute('checkin', {
    summary: 'Give a seat back',
    description:
      'Ends the session and frees its seat, in any state of the license. Takes the same proof as a heartbeat.',
    answer: { schema: checkedIn, description: 'The seat is free.' },
    refusals: ['LICENSE_NOT_FOUND', 'SESSION_NOT_FOUND', 'INVALID_SESSION_SIGNATURE'],
    examples: {
      plain: { summary: 'Give it back', request: proof, answer: { code: 0, message: 'License checked in' } },
    },
  }),
}
