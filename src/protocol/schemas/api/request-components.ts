import * as z from 'zod'
import { changeStatus, createMultiple, createSingle } from '../authtool'
import { createCustomer, listCustomers, namedCustomer, updateCustomer } from '../customer'
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
} from '../keymint'
import { freeDevice, listDevices, startTrial } from '../keyslot'
import { hostId, instant, licenseKey, metadata, productId } from '../primitives'

/** The request schemas that the API description names and refers to. The same schemas validate requests. */
export const requestComponents = z.registry<{ id: string }>()

const NAMES = {
  CreateKeyRequest: createKey,
  UpdateKeyRequest: updateKey,
  ActivateKeyRequest: activateKey,
  DeactivateKeyRequest: deactivateKey,
  KeyRequest: licenseTarget,
  SignKeyRequest: signKey,
  CheckoutRequest: checkout,
  SessionRequest: sessionProof,
  ValidateKeyRequest: validateKey,
  ListDevicesRequest: listDevices,
  FreeDeviceRequest: freeDevice,
  StartTrialRequest: startTrial,
  CreateCustomerRequest: createCustomer,
  ListCustomersRequest: listCustomers,
  CustomerRequest: namedCustomer,
  UpdateCustomerRequest: updateCustomer,
  V1CreateKeyRequest: v1CreateKey,
  V1ActivateKeyRequest: v1ActivateKey,
  CreateSingleRequest: createSingle,
  CreateMultipleRequest: createMultiple,
  ChangeStatusRequest: changeStatus,
  ProductId: productId,
  LicenseKey: licenseKey,
  HostId: hostId,
  DateOrDateTime: instant,
  Metadata: metadata,
} satisfies Record<string, z.ZodType>

type FieldOf<Schema> = Schema extends z.ZodObject ? keyof z.input<Schema> : never

/** The name of any field of any request. */
export type RequestField = FieldOf<(typeof NAMES)[keyof typeof NAMES]>

for (const [id, schema] of Object.entries(NAMES)) requestComponents.add(schema, { id })
