import { validate } from '../service/validate'
import { keymintEndpoint, toTarget } from './keymint-endpoint'

/** Family D: whether a license serves on a host. */
export const validateEndpoints = [
  keymintEndpoint('validateKey', {
    async handle({ input, call }, context) {
      const validation = await validate(context, call, {
        ...toTarget(input),
        hostId: input.hostId,
        renewal: input.renewal ?? undefined,
        stamp: input.stamp ?? undefined,
      })
      return { body: { code: 0, ...validation } }
    },
  }),
]
