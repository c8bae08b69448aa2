import { signLicenseFile } from '../service/sign-license-file'
import { keymintEndpoint, toTarget } from './keymint-endpoint'

/** Family A's license files, for hosts that cannot be online. */
export const signEndpoints = [
  keymintEndpoint('signKey', {
    async handle({ input, call, wire }, context) {
      const file = await signLicenseFile(context, call, {
        ...toTarget(input),
        hostId: input.hostId,
        ttlSeconds: input.ttl ?? undefined,
      })
      return { body: { code: 0, file: wire === '2026-09' ? JSON.stringify(file) : file } }
    },
  }),
]
