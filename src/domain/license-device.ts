import type { Activation } from './activation'
import type { Product } from './product'
import type { Proof } from './proof'

/** A license's activations are looked through up to this many, the newest first. */
export const MAX_DEVICES = 1000

/** Why whoever has the license key may not touch a device: the product allows no self-service, or there is none such. */
export interface DeviceRefusal {
  readonly kind: 'no-self-service' | 'no-such-device'
}

/** The vendor may free any device; whoever has the license key only where the product says so. */
export function allowsSelfService({ selfService }: Pick<Product, 'selfService'>, proof: Proof): boolean {
  return selfService || proof.trusted === true
}

/** The device of this name that holds a slot. One that has given it up is the vendor's alone to find. */
export function findDevice(
  devices: readonly Activation[],
  device: string,
  product: Pick<Product, 'selfService'>,
  proof: Proof,
): Activation | DeviceRefusal {
  if (!allowsSelfService(product, proof)) return { kind: 'no-self-service' }
  const named = devices.find(({ id }) => id === device)
  const isShown = named !== undefined && (named.surrenderedAt === null || proof.trusted === true)
  return isShown ? named : { kind: 'no-such-device' }
}
