import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { codeOf } from '../../files/error-code'
import { createHostsReader, HOSTS_FILE } from './hosts-file'
import { fullNames, RESOLVER_FILE } from './search-domains'
import type { Resolve } from './webhook-lookup'

/** Asks name servers without any of the process's few threads, which look-ups of the database need. */
export interface NameResolver {
  /**
   * By the hosts file, else by the system's name servers, which are asked for both families. Names that only other services
   * of the system know, such as mDNS, are not found.
   * Rejects with an error of `node:dns`: ENOTFOUND, ETIMEOUT when no name server answered in time, and such.
   */
  readonly resolve: Resolve
  /** Ends every question under way. */
  cancel(): void
}

export interface NameResolverOptions {
  /** Name servers, with port. Default the system's. */
  readonly servers?: readonly string[]
  /** How long a name may take. Default 4000: less than an attempt. */
  readonly timeoutMs?: number
  readonly hostsFile?: string
  readonly resolverFile?: string
}

/** How long a name server may take before it is asked again, or the next one. */
const ANSWER_MS = 1300
const TRIES = 2
/** How long the addresses of one family wait for those of the other. */
const OTHER_FAMILY_MS = 500
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

export function createNameResolver(options: NameResolverOptions = {}): NameResolver {
  const { servers, timeoutMs = 4000, hostsFile = HOSTS_FILE, resolverFile = RESOLVER_FILE } = options
  const hosts = createHostsReader(hostsFile)
  const asking = new Set<Resolver>()

  /** A name has a resolver of its own, which takes name servers as they are configured now, and can be cancelled alone. */
  async function ask(name: string): Promise<readonly LookupAddress[]> {
    const resolver = new Resolver({ timeout: ANSWER_MS, tries: TRIES })
    if (servers !== undefined) resolver.setServers(servers)
    asking.add(resolver)
    const timer = setTimeout(() => resolver.cancel(), timeoutMs)
    try {
      return await askForNames(resolver, name.endsWith('.') ? [name] : fullNames(name, resolverFile))
    } finally {
      clearTimeout(timer)
      asking.delete(resolver)
      // The other family may still be asked for.
      resolver.cancel()
    }
  }

  return {
    async resolve(hostname) {
      const family = isIP(hostname)
      if (family !== 0) return [{ address: hostname, family }]
      const name = hostname.toLowerCase()
      const bare = name.replace(/\.$/, '')
      const known = hosts().get(bare)
      if (known !== undefined) return known
      // RFC 6761: whatever name servers say.
      if (bare === 'localhost' || bare.endsWith('.localhost')) return LOOPBACK
      return ask(name)
    },
    cancel() {
      for (const resolver of asking) resolver.cancel()
    },
  }
}

/** The addresses of the first of these names that has any. */
async function askForNames(resolver: Resolver, names: readonly string[]): Promise<readonly LookupAddress[]> {
  let failure: unknown
  for (const name of names) {
    try {
      return await askForBoth(resolver, name)
    } catch (error) {
      if (!isMissing(error)) throw isCancelled(error) ? timedOut() : error
      failure = error
    }
  }
  throw failure
}

/** The addresses of both families, or of one where the other has none or takes too long. */
async function askForBoth(resolver: Resolver, name: string): Promise<readonly LookupAddress[]> {
  const families = [resolver.resolve4(name), resolver.resolve6(name)] as const
  const answers = families.map((answer) => answer.then(undefined, (error: unknown) => ({ error })))
  await Promise.any(families).then(
    () => Promise.race([Promise.all(answers), new Promise((resolve) => setTimeout(resolve, OTHER_FAMILY_MS))]),
    () => undefined,
  )
  const [first, second] = await Promise.all(answers.map((answer) => Promise.race([answer, undefined])))
  const addresses = [...addressesOf(first, 4), ...addressesOf(second, 6)]
  if (addresses.length > 0) return addresses
  throw errorOf(first, second)
}

type Settled = readonly string[] | { readonly error: unknown } | undefined

function addressesOf(settled: Settled, family: 4 | 6): readonly LookupAddress[] {
  return settled === undefined || 'error' in settled ? [] : settled.map((address) => ({ address, family }))
}

/** A family that could not be asked for may have addresses; one that has none says nothing. */
function errorOf(...all: readonly Settled[]): unknown {
  const errors = all.flatMap((one) => (one !== undefined && 'error' in one ? [one.error] : []))
  return errors.find((error) => !isMissing(error)) ?? errors[0] ?? timedOut()
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'ENODATA'
}

function isCancelled(error: unknown): boolean {
  return codeOf(error) === 'ECANCELLED'
}

function timedOut(): Error {
  return Object.assign(new Error('no name server answered in time'), { code: 'ETIMEOUT' })
}
