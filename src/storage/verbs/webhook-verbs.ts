import type { WebhookVerbs } from '../verb-families'
import { deliveryVerbs } from './delivery-verbs'
import { endpointVerbs } from './endpoint-verbs'
import type { Keeping } from './run-step'

export function webhookVerbs(keeping: Keeping): WebhookVerbs {
  return { ...endpointVerbs(keeping), ...deliveryVerbs(keeping) }
}
