import * as z from 'zod'
import { answerComponents } from './parts'

/** How errors are answered. Statuses, codes and messages are the server's to render; here is only their shape. */

const message = z.string().describe('What is wrong. Switch on status and code rather than on this.')

/** Families A, B and D. */
export const keymintError = z
  .object({
    message,
    code: z
      .union([z.literal(1), z.literal(2), z.literal(3)])
      .describe("1: the request or the caller is at fault; 2: the license's state forbids it; 3: too many requests."),
    success: z.literal(false).optional().describe('In the form of September 2026, as `error`.'),
    error: z.object({ code: z.string().describe('As in header `Keyslot-Error`.'), message }).optional(),
  })
  .register(answerComponents, { id: 'KeymintError' })

/** Family C. */
export const authtoolError = z.object({ message }).register(answerComponents, { id: 'AuthtoolError' })

/** Family C, changing a key's status. */
export const authtoolValidationError = z
  .object({ message: z.literal('Validation error'), details: z.string().describe('What is wrong with the body.') })
  .register(answerComponents, { id: 'AuthtoolValidationError' })
