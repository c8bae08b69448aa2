import type * as z from 'zod'
import type { RouteName } from '../../routes'
import { authtoolApi } from './authtool'
import { authtoolClientApi } from './authtool-client'
import { customersApi } from './customers'
import type { RouteDescription } from './describe-route'
import { floatingApi } from './floating'
import { hostUsersApi } from './host-users'
import { keymintApi } from './keymint'
import { keymintV1Api } from './keymint-v1'
import { keyslotApi } from './keyslot'
import { selfServiceApi } from './self-service'

const descriptions = {
  ...keymintApi,
  ...floatingApi,
  ...customersApi,
  ...keymintV1Api,
  ...authtoolApi,
  ...authtoolClientApi,
  ...keyslotApi,
  ...selfServiceApi,
  ...hostUsersApi,
} satisfies Record<RouteName, RouteDescription>

/** The description of each route. The compiler refuses a missing one. */
export const API: Readonly<Record<RouteName, RouteDescription>> = descriptions

/** What a route answers when it is done, before it is written as JSON. */
export type AnswerOf<Name extends RouteName> = Sent<z.output<(typeof descriptions)[Name]['answer']['schema']>>

/** A value as whoever sends it may hold it: nothing of it will be changed. */
type Sent<Value> = Value extends object ? { readonly [Field in keyof Value]: Sent<Value[Field]> } : Value
