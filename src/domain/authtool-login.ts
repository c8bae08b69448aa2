import type { Activation } from './activation'
import { earliest } from './calendar'
import type { Customer } from './customer'
import { isExpired, type License, refuseLicense } from './license'

/** A license on a host. */
export interface HostLicense {
  readonly license: License
  readonly customer: Customer | null
  readonly activation: Activation
}

/**
 * True where the host took the slot by naming the license key, as an app made for AuthTool, and no proof key is bound to it. Only
 * then whoever names the host may be told that key: hostIds can be guessed.
 */
export function isAuthtoolLogin(activation: Activation, productId: string): boolean {
  const { authtoolProductId, surrenderedAt, keys } = activation
  return authtoolProductId === productId && surrenderedAt === null && keys.length === 0
}

/** Of the licenses on a host, the one that its app is told of: one that serves before the others, then the newest. */
export function chooseLogin(held: readonly HostLicense[], productId: string, now: Date): HostLicense | undefined {
  const logins = held
    .filter(({ activation }) => isAuthtoolLogin(activation, productId))
    .toSorted((one, other) => other.activation.activatedAt.getTime() - one.activation.activatedAt.getTime())
  return logins.find((login) => serves(login, now)) ?? logins[0]
}

function serves({ license, customer, activation }: HostLicense, now: Date): boolean {
  return refuseLicense(license, customer, now) === undefined && !isExpired(activation.expiresAt, now)
}

/** When a host's license ends: with its own time, or with the license. */
export function endOfLogin({ license, activation }: Pick<HostLicense, 'license' | 'activation'>): Date | null {
  return earliest(activation.expiresAt, license.expiresAt)
}
