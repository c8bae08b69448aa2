import * as z from 'zod'
import { hostId, instant, instantOrNever, licenseKey, metadata, productId } from '../primitives'
import { REQUESTS } from '../requests'

/** The request schemas that the API description names and refers to. The same schemas validate requests. */
export const requestComponents = z.registry<{ id: string }>()

const NAMES = {
  CreateKeyRequest: REQUESTS.createKey,
  UpdateKeyRequest: REQUESTS.updateKey,
  ActivateKeyRequest: REQUESTS.activateKey,
  DeactivateKeyRequest: REQUESTS.deactivateKey,
  KeyRequest: REQUESTS.getKey,
  SignKeyRequest: REQUESTS.signKey,
  CheckoutRequest: REQUESTS.checkout,
  SessionRequest: REQUESTS.heartbeat,
  ValidateKeyRequest: REQUESTS.validateKey,
  ListDevicesRequest: REQUESTS.listDevices,
  FreeDeviceRequest: REQUESTS.freeDevice,
  DropDeviceUserRequest: REQUESTS.dropDeviceUser,
  ListHostUsersRequest: REQUESTS.listHostUsers,
  DropHostUserRequest: REQUESTS.dropHostUser,
  StartTrialRequest: REQUESTS.startTrial,
  TimeRequest: REQUESTS.time,
  CreateCustomerRequest: REQUESTS.createCustomer,
  ListCustomersRequest: REQUESTS.listCustomers,
  CustomerRequest: REQUESTS.getCustomer,
  UpdateCustomerRequest: REQUESTS.updateCustomer,
  V1CreateKeyRequest: REQUESTS.v1CreateKey,
  V1ActivateKeyRequest: REQUESTS.v1ActivateKey,
  CreateSingleRequest: REQUESTS.authtoolCreateSingle,
  CreateMultipleRequest: REQUESTS.authtoolCreateMultiple,
  ChangeStatusRequest: REQUESTS.authtoolChangeStatus,
  ClientPackageRequest: REQUESTS.authtoolClientPackage,
  ClientRequest: REQUESTS.authtoolClientCheck,
  ProductId: productId,
  LicenseKey: licenseKey,
  HostId: hostId,
  DateOrDateTime: instant,
  DateOrNever: instantOrNever,
  Metadata: metadata,
} satisfies Record<string, z.ZodType>

type FieldOf<Schema> = Schema extends z.ZodObject ? keyof z.input<Schema> : never

/** The name of any field of any request. */
export type RequestField = FieldOf<(typeof NAMES)[keyof typeof NAMES]>

for (const [id, schema] of Object.entries(NAMES)) requestComponents.add(schema, { id })
