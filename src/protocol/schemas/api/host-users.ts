import { droppedUser, listedHostUsers } from '../answers/keyslot'
import { describeRoute, type RouteDescription } from './describe-route'
import { EXAMPLE } from './example-values'

const { productId, licenseKey, hostId, key, otherKey } = EXAMPLE
const named = { productId, licenseKey }

/** Family D's routes for the vendor, about who uses a host. */
export const hostUsersApi = {
  listHostUsers: describeRoute('listHostUsers', {
    summary: "List the users of a license's hosts",
    description:
      'By the keys they have shown; those who are dropped, or have left, among them. Only with a secret token.',
    answer: { schema: listedHostUsers, description: 'The hosts, the newest first, or the one that was named.' },
    refusals: ['LICENSE_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'A host with one user',
        request: { ...named, hostId },
        answer: {
          code: 0,
          hosts: [
            {
              hostId,
              users: [
                {
                  key,
                  recoveryKey: otherKey,
                  formerKeys: [],
                  boundAt: EXAMPLE.now,
                  usedAt: EXAMPLE.now,
                  tokensEndAt: EXAMPLE.monthLater,
                  until: null,
                  leftAt: null,
                  droppedAt: null,
                },
              ],
            },
          ],
        },
      },
    },
  }),
  dropHostUser: describeRoute('dropHostUser', {
    summary: 'Drop a user of a host',
    description:
      "Ends the license tokens of one user of a host, such as a stranger's, and binds none of that user's keys to the host " +
      'again while it holds its slot. The others go on, and the slot stays taken. Only with a secret token.',
    answer: { schema: droppedUser, description: 'The user is none of the host any more.' },
    refusals: ['LICENSE_NOT_FOUND', 'LICENSE_BLOCKED', 'ACTIVATION_NOT_FOUND'],
    examples: {
      plain: {
        summary: 'Drop a user',
        request: { ...named, hostId, key },
        answer: { code: 0, message: 'User dropped' },
      },
    },
  }),
} satisfies Record<string, RouteDescription>
