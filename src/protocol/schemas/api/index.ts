import type { RouteName } from '../../routes'
import { authtoolApi } from './authtool'
import { customersApi } from './customers'
import type { RouteDescription } from './describe-route'
import { floatingApi } from './floating'
import { keymintApi } from './keymint'
import { keymintV1Api } from './keymint-v1'
import { keyslotApi } from './keyslot'
import { selfServiceApi } from './self-service'

/** The description of each route. The compiler refuses a missing one. */
export const API: Readonly<Record<RouteName, RouteDescription>> = {
  ...keymintApi,
  ...floatingApi,
  ...customersApi,
  ...keymintV1Api,
  ...authtoolApi,
  ...keyslotApi,
  ...selfServiceApi,
}
