import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { refuseClaim } from '../../../src/server/domain/license'
import type { Step, Storage } from '../../../src/server/storage/contract'
import { MemoryStorage } from '../../../src/server/storage/memory/memory-storage'
import type { Tables } from '../../../src/server/storage/memory/tables'

/** An adapter that keeps the whole contract: the memory adapter, on tables that outlive its handles. */
export class SoundStorage extends MemoryStorage {
  constructor(private readonly shared: Tables) {
    super()
  }

  override async open(): Promise<void> {
    this.opened = this.shared
  }
}

/** An adapter with one thing wrong, and the group of the kit that must notice. */
export interface Fault {
  readonly group: string
  readonly create: (tables: Tables) => Storage
}

type Verb = { [K in keyof Storage]: Storage[K] extends (...args: never[]) => unknown ? K : never }[keyof Storage]
type Arguments<V extends Verb> = Parameters<Storage[V]>

/** Fails in `group`: a class of its own in place of the sound one. */
function fault(group: string, Broken: new (tables: Tables) => Storage): Fault {
  return { group, create: (tables) => new Broken(tables) }
}

/** Fails in `group`: every step passes through `change` first. */
function faultInSteps(group: string, change: (step: Step<string>, run: RunStep) => ReturnType<RunStep>): Fault {
  return {
    group,
    create: (tables) =>
      new Proxy(new SoundStorage(tables), {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            const step = args.at(-1)
            if (!isStep(step)) return member.apply(target, args)
            return change(step, (changed) => member.apply(target, [...args.slice(0, -1), changed]))
          }
        },
      }),
  }
}

type RunStep = (step: Step<string>) => Promise<{ readonly kind: string }>

function isStep(value: unknown): value is Step<string> {
  return typeof value === 'object' && value !== null && 'now' in value
}

const wholeSeconds = (date: Date) => new Date(Math.floor(date.getTime() / 1_000) * 1_000)

/** What goes wrong in adapters, each on its own. */
export const faults: Readonly<Record<string, Fault>> = {
  'checks the limit, waits, then claims': fault(
    'races',
    class extends SoundStorage {
      override async claimActivation(...args: Arguments<'claimActivation'>) {
        const [accountId, target, { hostId }, { now }] = args
        const found = await this.findActivation(accountId, { ...target, hostId })
        const refusal = found.kind === 'found' ? refuseClaim(found, hostId, now) : undefined
        if (refusal !== undefined) return { kind: refusal }
        await turnOfTheLoop()
        const id = this.tables.licenseIds.get(target.canonicalKey) ?? ''
        const license = this.tables.licenses.get(id)
        if (license === undefined) return super.claimActivation(...args)
        // Decided above, so the limit is not looked at again.
        this.tables.licenses.set(id, { ...license, maxActivations: null })
        const claimed = super.claimActivation(...args)
        const activationCount = this.tables.licenses.get(id)?.activationCount ?? 0
        this.tables.licenses.set(id, { ...license, activationCount })
        return claimed
      }
    },
  ),

  'does not count a release': fault(
    'activations',
    class extends SoundStorage {
      override async releaseActivation(...args: Arguments<'releaseActivation'>) {
        const outcome = await super.releaseActivation(...args)
        if (outcome.kind === 'released') {
          const { license } = outcome
          this.tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
        }
        return outcome
      }
    },
  ),

  'counts a host that holds a slot again': fault(
    'claims',
    class extends SoundStorage {
      override async claimActivation(...args: Arguments<'claimActivation'>) {
        const outcome = await super.claimActivation(...args)
        if (outcome.kind === 'existing') {
          const { license } = outcome
          this.tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
        }
        return outcome
      }
    },
  ),

  'evicts hosts when the limit is lowered': fault(
    'claims',
    class extends SoundStorage {
      override async updateLicense(...args: Arguments<'updateLicense'>) {
        const outcome = await super.updateLicense(...args)
        const limit = args[2].maxActivations ?? null
        if (outcome.kind !== 'updated' || limit === null) return outcome
        const hosts = this.tables.activationsOf(outcome.license.id)
        for (const host of [...hosts.keys()].slice(limit)) hosts.delete(host)
        const license = { ...outcome.license, activationCount: hosts.size }
        this.tables.licenses.set(license.id, license)
        return { ...outcome, license }
      }
    },
  ),

  'writes back the license it read a moment ago': fault(
    'races',
    class extends SoundStorage {
      override async updateLicense(...args: Arguments<'updateLicense'>) {
        const before = await this.findLicense(args[0], args[1].canonicalKey)
        await turnOfTheLoop()
        const outcome = await super.updateLicense(...args)
        if (outcome.kind !== 'updated' || before.kind !== 'found') return outcome
        const license = { ...outcome.license, activationCount: before.license.activationCount }
        this.tables.licenses.set(license.id, license)
        return { ...outcome, license }
      }
    },
  ),

  'stores licenses one by one': fault(
    'new licenses',
    class extends SoundStorage {
      override async insertLicenses(...args: Arguments<'insertLicenses'>) {
        const [accountId, input, step] = args
        let outcome = await super.insertLicenses(accountId, { ...input, licenses: input.licenses.slice(0, 1) }, step)
        for (const license of input.licenses.slice(1)) {
          if (outcome.kind !== 'created') return outcome
          const { licenses } = outcome
          const next = await super.insertLicenses(accountId, { licenses: [license] }, step)
          outcome = next.kind === 'created' ? { ...next, licenses: [...licenses, ...next.licenses] } : next
        }
        return outcome
      }
    },
  ),

  'keeps the activations of a deleted license': fault(
    'licenses',
    class extends SoundStorage {
      override async deleteLicense(...args: Arguments<'deleteLicense'>) {
        const outcome = await super.deleteLicense(...args)
        if (outcome.kind === 'deleted') {
          this.tables.licenses.set(outcome.license.id, outcome.license)
          this.tables.activationsOf(outcome.license.id)
        }
        return outcome
      }
    },
  ),

  'expires one millisecond late': fault(
    'claims',
    class extends SoundStorage {
      override claimActivation(...args: Arguments<'claimActivation'>) {
        const [accountId, target, activation, step] = args
        const now = new Date(step.now.getTime() - 1)
        return super.claimActivation(accountId, target, activation, { ...step, now })
      }
    },
  ),

  'lets a late touch move the last-seen time back': fault(
    'activations',
    class extends SoundStorage {
      override async touchActivation(...args: Arguments<'touchActivation'>) {
        const [, licenseId, hostId, now] = args
        const activation = this.tables.activations.get(licenseId)?.get(hostId)
        if (activation !== undefined) {
          this.tables.activationsOf(licenseId).set(hostId, { ...activation, lastSeenAt: now })
        }
      }
    },
  ),

  'toggles what it read before': fault(
    'customers',
    class extends SoundStorage {
      override async updateCustomer(...args: Arguments<'updateCustomer'>) {
        const [accountId, customerId, changes, step] = args
        if (changes !== 'toggle') return super.updateCustomer(...args)
        const customer = await this.findCustomer(accountId, customerId)
        return super.updateCustomer(accountId, customerId, { active: customer?.active !== true }, step)
      }
    },
  ),

  'compares emails letter by letter': fault(
    'customers',
    class extends SoundStorage {
      override async insertCustomer(...args: Arguments<'insertCustomer'>) {
        const [accountId, customer, step] = args
        const rows = [...this.tables.customers.values()]
        if (customer.email !== null && rows.some((row) => row.email === customer.email)) {
          return { kind: 'email-taken' } as const
        }
        const inserted = await super.insertCustomer(accountId, { ...customer, email: null }, step)
        this.tables.putCustomer({ ...customer })
        return inserted
      }
    },
  ),

  'gives package ids by counting the account’s products': fault(
    'products',
    class extends SoundStorage {
      override async insertProduct(...args: Arguments<'insertProduct'>) {
        this.tables.lastPackageId = (await this.listProducts(args[0], { limit: 0 })).total
        return super.insertProduct(...args)
      }
    },
  ),

  'revokes again at a later time': fault(
    'access tokens',
    class extends SoundStorage {
      override async revokeAccessToken(...args: Arguments<'revokeAccessToken'>) {
        const [, tokenId, { now }] = args
        const outcome = await super.revokeAccessToken(...args)
        const token = this.tables.accessTokens.get(tokenId)
        if (token !== undefined) this.tables.accessTokens.set(tokenId, { ...token, revokedAt: now })
        return outcome
      }
    },
  ),

  'overwrites an account whose id is inserted again': fault(
    'handle, signing keys, accounts',
    class extends SoundStorage {
      override async insertAccount(...args: Arguments<'insertAccount'>) {
        this.tables.accounts.delete(args[0].id)
        return super.insertAccount(...args)
      }
    },
  ),

  'finds the license of another account': fault(
    'accounts',
    class extends SoundStorage {
      override async findLicense(...args: Arguments<'findLicense'>) {
        const license = [...this.tables.licenses.values()].find((row) => row.canonicalKey === args[1])
        return super.findLicense(license?.accountId ?? args[0], args[1])
      }
    },
  ),

  'lists the activations of another account': fault(
    'accounts',
    class extends SoundStorage {
      override async listActivations(...args: Arguments<'listActivations'>) {
        const [accountId, licenseId, page] = args
        return super.listActivations(this.tables.licenses.get(licenseId)?.accountId ?? accountId, licenseId, page)
      }
    },
  ),

  'hands out its own rows': fault(
    'values',
    class extends SoundStorage {
      override async findLicense(...args: Arguments<'findLicense'>) {
        const outcome = await super.findLicense(...args)
        if (outcome.kind !== 'found') return outcome
        return { ...outcome, license: this.tables.licenses.get(outcome.license.id) ?? outcome.license }
      }
    },
  ),

  'drops milliseconds': fault(
    'values',
    class extends SoundStorage {
      override async insertLicenses(...args: Arguments<'insertLicenses'>) {
        const [accountId, input, step] = args
        const licenses = input.licenses.map((row) => ({
          ...row,
          expiresAt: row.expiresAt && wholeSeconds(row.expiresAt),
        }))
        return super.insertLicenses(accountId, { ...input, licenses }, step)
      }
    },
  ),

  'matches keys in any letter case': fault(
    'values',
    class extends SoundStorage {
      override findLicense(...args: Arguments<'findLicense'>) {
        return super.findLicense(args[0], args[1].toUpperCase())
      }
    },
  ),

  'totals the page instead of the list': fault(
    'paging',
    class extends SoundStorage {
      override async listCustomers(...args: Arguments<'listCustomers'>) {
        const { items } = await super.listCustomers(...args)
        return { items, total: items.length }
      }
    },
  ),

  'orders rows of one instant anew for each page': fault(
    'paging',
    class extends SoundStorage {
      private turn = false

      override async listAccessTokens(...args: Arguments<'listAccessTokens'>) {
        const { limit, offset = 0 } = args[1]
        const { items, total } = await super.listAccessTokens(args[0], { limit: 1_000 })
        this.turn = !this.turn
        const tokens = this.turn ? items : items.toReversed()
        return { items: tokens.slice(offset, offset + limit), total }
      }
    },
  ),

  'purges without a bound': fault(
    'housekeeping',
    class extends SoundStorage {
      override purgeExpired(now: Date) {
        return super.purgeExpired(now, Number.MAX_SAFE_INTEGER)
      }
    },
  ),

  'never deletes idempotency records': fault(
    'housekeeping of idempotency records',
    class extends SoundStorage {
      override async purgeExpired(...args: Arguments<'purgeExpired'>) {
        const records = new Map(this.tables.idempotencyRecords)
        const { licenses } = await super.purgeExpired(...args)
        for (const [key, record] of records) this.tables.idempotencyRecords.set(key, record)
        return { licenses, idempotencyRecords: 0 }
      }
    },
  ),

  'does a replayed step again': fault(
    'idempotency',
    class extends SoundStorage {
      override async resetLicense(...args: Arguments<'resetLicense'>) {
        const outcome = await super.resetLicense(...args)
        const { idempotency, ...step } = args[2]
        if ('replayed' in outcome) await super.resetLicense(args[0], args[1], step)
        return outcome
      }
    },
  ),

  'remembers only steps that succeeded': faultInSteps('idempotency', async (step, run) => {
    const { idempotency, ...once } = step
    const probe = await run({ ...step, now: step.now })
    return probe.kind === 'limit-reached' ? run(once) : probe
  }),

  'keeps idempotency records past their expiry': faultInSteps('idempotency', (step, run) =>
    run(
      step.idempotency === undefined
        ? step
        : { ...step, idempotency: { ...step.idempotency, expiresAt: new Date('9999-01-01') } },
    ),
  ),

  'joins scope and key with a space': faultInSteps('idempotency', (step, run) =>
    run(
      step.idempotency === undefined
        ? step
        : {
            ...step,
            idempotency: { ...step.idempotency, scope: '', key: `${step.idempotency.scope} ${step.idempotency.key}` },
          },
    ),
  ),

  'stores events of other outcomes too': faultInSteps('events', (step, run) => {
    const all = Object.values(step.events ?? {}).flatMap((planned) => planned ?? [])
    return run({ ...step, events: Object.fromEntries(Object.keys(step.events ?? {}).map((kind) => [kind, all])) })
  }),

  'stores events again for a replay': faultInSteps('events of replays', async (step, run) => {
    const outcome = await run(step)
    if (step.idempotency === undefined || !('replayed' in outcome)) return outcome
    const { idempotency, ...again } = step
    await run(again)
    return outcome
  }),

  'forgets everything on closing': {
    group: 'persistence',
    create: () => new MemoryStorage(),
  },

  'forgets idempotency records on closing': fault(
    'persistence of idempotency records',
    class extends SoundStorage {
      override async close() {
        this.opened?.idempotencyRecords.clear()
        return super.close()
      }
    },
  ),

  'forgets events on closing': fault(
    'persistence of events',
    class extends SoundStorage {
      override async close() {
        this.opened?.events.splice(0)
        return super.close()
      }
    },
  ),

  'trusts a license it has read before': fault(
    'two handles on one store',
    class extends SoundStorage {
      private readonly seen = new Map<string, number>()

      override async claimActivation(...args: Arguments<'claimActivation'>) {
        const id = this.tables.licenseIds.get(args[1].canonicalKey) ?? ''
        const license = this.tables.licenses.get(id)
        const activationCount = this.seen.get(id)
        if (license !== undefined && activationCount !== undefined) {
          this.tables.licenses.set(id, { ...license, activationCount })
        }
        const claimed = super.claimActivation(...args)
        this.seen.set(id, this.tables.licenses.get(id)?.activationCount ?? 0)
        return claimed
      }
    },
  ),
}
