import { deliveryVerbs } from './delivery-verbs'
import { endpointVerbs } from './endpoint-verbs'
import type { Keeping } from './run-step'
import type { WebhookVerbs } from './webhook-contract'

export function webhookVerbs(keeping: Keeping): WebhookVerbs {
  return { ...endpointVerbs(keeping), ...deliveryVerbs(keeping) }
}
