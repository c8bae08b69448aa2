import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address'

/** The addresses of a host name, in the order they should be tried. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

/** A name that leads where it may not. Says nothing of the address, which may be a secret of the network's. */
export class PrivateAddressError extends Error {
  constructor() {
    super('the name leads to a private address')
  }
}

/**
 * The `lookup` of a connection. It is asked once per connection, and the addresses it lets through are the ones that
 * are connected to: a name that resolves differently the next moment gains nothing.
 */
export function createLookup(resolve: Resolve, { allowPrivate }: { readonly allowPrivate: boolean }): LookupFunction {
  const resolveChecked = async (hostname: string): Promise<readonly [LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(hostname)
    if (first === undefined) throw Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' })
    const addresses = [first, ...others] as const
    // One private address among public ones is refused too: which of them is connected to is chance.
    if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) throw new PrivateAddressError()
    return addresses
  }
  return (hostname, { all }, callback) => {
    resolveChecked(hostname).then(
      (addresses) => (all ? callback(null, [...addresses]) : callback(null, addresses[0].address, addresses[0].family)),
      (error) => callback(error, ''),
    )
  }
}
