import type { LicenseTerms } from '../domain/license'
import type { LicenseFilter } from '../domain/license-filter'
import { NUMBERS } from '../protocol/bounds'
import { end, jsonObject, list, name, seconds, wholeNumber } from './option-values'

/** A term of a license that options give as it is: how it is set, changed, shown and searched for. */
export interface TermOption<Field extends keyof LicenseTerms> {
  readonly flags: string
  /** What `license create` says of it. */
  readonly made: string
  /** What `license update` says of it. */
  readonly changed: string
  readonly read: (text: string) => NonNullable<LicenseTerms[Field]>
  /** The word that takes the value away. */
  readonly none: string
  /** What kind of license alone has it; default both. */
  readonly of?: LicenseTerms['type']
  /** How `license show` shows a value, where that is nothing but a line of its own. */
  readonly shown?: readonly [label: string, text: (value: NonNullable<LicenseTerms[Field]>) => string]
  /** What `license list` says of it, where licenses are looked for by it. */
  readonly sought?: Field extends keyof LicenseFilter ? string : never
}

/** A term that options give as it is; the others go by names, which are looked up. */
export type Term = Exclude<keyof LicenseTerms, 'type' | 'customerId' | 'versionId'>

/** Every one of them, in the order of the help. */
export const TERMS: { readonly [Field in Term]: TermOption<Field> } = {
  maxActivations: {
    flags: '--max-activations <number>',
    made: 'on how many hosts; default any number',
    changed: 'on how many hosts, or unlimited',
    read: wholeNumber(...NUMBERS.maxActivations),
    none: 'unlimited',
    of: 'node-locked',
  },
  maxConcurrentSessions: {
    flags: '--seats <number>',
    made: 'how many seats it has; default any number',
    changed: 'seats of a floating license, or unlimited',
    read: wholeNumber(...NUMBERS.maxActivations),
    none: 'unlimited',
    of: 'floating',
  },
  heartbeatIntervalSeconds: {
    flags: '--heartbeat <time>',
    made: 'how often a host with a seat reports; default 5 minutes',
    changed: 'how often a host with a seat reports, or default',
    read: seconds(...NUMBERS.heartbeatIntervalSeconds),
    none: 'default',
    of: 'floating',
  },
  sessionLeaseSeconds: {
    flags: '--lease <time>',
    made: 'how long a seat is kept for a silent host; default 15 minutes',
    changed: 'how long a seat is kept for a silent host, or default',
    read: seconds(...NUMBERS.sessionLeaseSeconds),
    none: 'default',
    of: 'floating',
  },
  expiresAt: {
    flags: '--expires <instant>',
    made: 'when it ends, a date to the end of its day in UTC; default never',
    changed: 'when it ends, or never',
    read: end,
    none: 'never',
  },
  metadata: {
    flags: '--metadata <json>',
    made: 'a JSON object that travels in the license token, where the app can read it',
    changed: 'a JSON object instead of the present one, or none',
    read: jsonObject,
    none: 'none',
    shown: ['Metadata', (metadata) => JSON.stringify(metadata)],
  },
  externalId: {
    flags: '--external-id <text>',
    made: 'what another system calls it, such as an order id; no app is told; default none',
    changed: 'what another system calls it, or none',
    read: name,
    none: 'none',
    shown: ['External id', (externalId) => externalId],
    sought: 'only those that another system calls so',
  },
  usersPerHost: {
    flags: '--users-per-host <number>',
    made: 'how many users a computer may have, 1 to 32; default as its product',
    changed: 'how many users a computer may have, or default',
    read: wholeNumber(...NUMBERS.usersPerHost),
    none: 'default',
    of: 'node-locked',
    shown: ['Users per host', String],
  },
  allowedHosts: {
    flags: '--allowed-hosts <list>',
    made: 'the hostIds that may use it, comma-separated; default any',
    changed: 'the hostIds that may use it, comma-separated, or any',
    read: list,
    none: 'any',
    shown: ['Allowed hosts', (hosts) => hosts.join(', ')],
  },
}
