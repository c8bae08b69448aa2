import { startTrial } from '../service/trial'
import { toExpiry } from './instants'
import { toActivated, toHost } from './keymint'
import { keymintEndpoint } from './keymint-endpoint'

/** Family D: trials, for hosts whose user has no license key. */
export const trialEndpoints = [
  keymintEndpoint('startTrial', {
    async handle({ input, call }, context) {
      const { productId, hostId } = input
      const activated = await startTrial(context, call, { productId, hostId, ...toHost(input) })
      const { key, expiresAt } = activated.license
      const body = await toActivated(context, call, productId, activated)
      return { body: { ...body, licenseKey: key, trialEndsAt: toExpiry(expiresAt) } }
    },
  }),
]
