import * as z from 'zod'
import { answerComponents, expiry, key } from './parts'

/** What AuthTool's client API answers: each is a JSON object, encrypted, in field `data`. */

const requestTime = z.int().describe("The server's time, in Unix seconds.")
const standing = z.union([z.literal(0), z.literal(1)])

const clientPackage = z
  .object({
    status: standing.describe('1: running; 0: maintenance.'),
    name: z.string(),
    version: z
      .string()
      .describe('The newest version of the app. This and the next three are empty where they are not set.'),
    updateNote: z.string(),
    downloadUpdateLink: z.string(),
    contactUrl: z.string(),
    isNeedKey: z.boolean().describe('Whether the app asks for a license key.'),
    requestTime,
  })
  .register(answerComponents, { id: 'ClientPackage' })

const clientStanding = z
  .object({
    status: standing.describe('1: active; 0: expired, or the key is disabled.'),
    expiredAt: expiry.describe("The earlier of the device's own end and the key's; null: never."),
    key,
    requestTime,
    isExpired: z.boolean(),
  })
  .register(answerComponents, { id: 'ClientStanding' })

const clientWelcome = clientStanding
  .omit({ isExpired: true })
  .extend({ status: z.literal(1), message: z.literal('Login successful') })
  .register(answerComponents, { id: 'ClientWelcome' })

export type ClientPackage = z.output<typeof clientPackage>
export type ClientStanding = z.output<typeof clientStanding>
export type ClientWelcome = z.output<typeof clientWelcome>

/** The body of an answer, with one of the above in it. */
function sealed(id: 'ClientPackage' | 'ClientStanding' | 'ClientWelcome') {
  return z
    .object({
      data: z.string().meta({
        description: 'Encrypted as the request was.',
        contentEncoding: 'base64',
        contentMediaType: 'application/json',
        contentSchema: { $ref: `#/components/schemas/${id}` },
      }),
    })
    .register(answerComponents, { id: `Sealed${id}` })
}

export const sealedPackage = sealed('ClientPackage')
export const sealedStanding = sealed('ClientStanding')
export const sealedWelcome = sealed('ClientWelcome')
