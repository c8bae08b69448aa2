import type * as z from 'zod'
import type { ROUTES, RouteDefinition, RouteName } from '../routes'
import { changeStatus, createMultiple, createSingle, packageRequest, sealedRequest } from './authtool'
import { createCustomer, listCustomers, namedCustomer, updateCustomer } from './customer'
import {
  activateKey,
  checkout,
  createKey,
  deactivateKey,
  licenseTarget,
  sessionProof,
  signKey,
  updateKey,
  v1ActivateKey,
  v1CreateKey,
  validateKey,
} from './keymint'
import { dropDeviceUser, dropHostUser, freeDevice, listDevices, listHostUsers, startTrial, time } from './keyslot'

/** The routes that have this in this column of the table of routes. */
type RoutesWith<Column extends 'products' | 'licenseKey' | 'input', Value extends RouteDefinition[Column]> = {
  [Name in RouteName]: (typeof ROUTES)[Name][Column] extends Value ? Name : never
}[RouteName]

/** What the table of routes says that an input names, its schema must demand. */
type AsRoutesSay = Record<RoutesWith<'products', 'named'>, z.ZodObject & z.ZodType<{ readonly productId: string }>> &
  Record<RoutesWith<'licenseKey', 'input'>, z.ZodObject & z.ZodType<{ readonly licenseKey: string }>> &
  Record<RoutesWith<'input', 'body' | 'query' | 'either'>, z.ZodObject>

/** The schema of each route's input, in its body or its query; a route that is not here takes none but its path. */
export const REQUESTS = {
  createKey,
  getKey: licenseTarget,
  updateKey,
  activateKey,
  deactivateKey,
  blockKey: licenseTarget,
  unblockKey: licenseTarget,
  signKey,
  checkout,
  heartbeat: sessionProof,
  checkin: sessionProof,
  createCustomer,
  listCustomers,
  getCustomer: namedCustomer,
  updateCustomer,
  deleteCustomer: namedCustomer,
  toggleCustomer: namedCustomer,
  listCustomerKeys: namedCustomer,

  v1CreateKey,
  v1ActivateKey,
  v1DeactivateKey: deactivateKey,
  v1GetKey: licenseTarget,
  v1BlockKey: licenseTarget,
  v1UnblockKey: licenseTarget,

  authtoolCreateSingle: createSingle,
  authtoolCreateMultiple: createMultiple,
  authtoolChangeStatus: changeStatus,

  authtoolClientPackage: packageRequest,
  authtoolClientCheck: sealedRequest,
  authtoolClientLogin: sealedRequest,
  authtoolApiClientPackage: packageRequest,
  authtoolApiClientCheck: sealedRequest,
  authtoolApiClientLogin: sealedRequest,

  validateKey,
  listDevices,
  freeDevice,
  dropDeviceUser,
  listHostUsers,
  dropHostUser,
  startTrial,
  time,
} as const satisfies AsRoutesSay

/** Names a route that takes an input. */
export type RouteWithInput = keyof typeof REQUESTS

/** A route's input, once its schema has taken it; without fields where the route takes none. */
export type InputOf<Name extends RouteName> = Name extends RouteWithInput ? z.output<(typeof REQUESTS)[Name]> : object
