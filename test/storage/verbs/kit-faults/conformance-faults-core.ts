import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { seeActivation } from '../../../../src/domain/activation'
import { refuseClaim } from '../../../../src/domain/refuse-claim'
import { NOW } from '../kit/entities'
import { memoryStore } from '../stores'
import { claimFault, putRow } from './conformance-claim-fault'
import { type Fault, fault, faultInSteps } from './conformance-fault'

const wholeSeconds = (date: Date) => new Date(Math.floor(date.getTime() / 1_000) * 1_000)

/** What goes wrong in stores, each on its own. */
export const coreFaults: Readonly<Record<string, Fault>> = {
  'checks the limit, waits, then claims': fault('races', (sound, tables) => ({
    claimActivation: async (...args) => {
      const [accountId, target, asked, { now }] = args
      const found = await sound.findActivation(accountId, { ...target, hostId: asked.hostId })
      const refusal = found.kind === 'found' ? refuseClaim(found, asked, now) : undefined
      if (refusal !== undefined) return { kind: refusal }
      await turnOfTheLoop()
      const id = tables.licenseIds.get(target.canonicalKey) ?? ''
      const license = tables.licenses.get(id)
      if (license === undefined) return sound.claimActivation(...args)
      // Decided above, so the limit is not looked at again.
      tables.licenses.set(id, { ...license, maxActivations: null })
      const claimed = sound.claimActivation(...args)
      const activationCount = tables.licenses.get(id)?.activationCount ?? 0
      tables.licenses.set(id, { ...license, activationCount })
      return claimed
    },
  })),

  'does not count a release': fault('activations', (sound, tables) => ({
    releaseActivation: async (...args) => {
      const outcome = await sound.releaseActivation(...args)
      if (outcome.kind === 'released') {
        const { license } = outcome
        tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
      }
      return outcome
    },
  })),

  'counts a host that holds a slot again': fault('claims', (sound, tables) => ({
    claimActivation: async (...args) => {
      const outcome = await sound.claimActivation(...args)
      if (outcome.kind === 'existing') {
        const { license } = outcome
        tables.licenses.set(license.id, { ...license, activationCount: license.activationCount + 1 })
      }
      return outcome
    },
  })),

  'evicts hosts when the limit is lowered': fault('claims', (sound, tables) => ({
    updateLicense: async (...args) => {
      const outcome = await sound.updateLicense(...args)
      const limit = args[2].maxActivations ?? null
      if (outcome.kind !== 'updated' || limit === null) return outcome
      const hosts = tables.activationsOf(outcome.license.id)
      for (const host of [...hosts.keys()].slice(limit)) hosts.delete(host)
      const license = { ...outcome.license, activationCount: hosts.size }
      tables.licenses.set(license.id, license)
      return { ...outcome, license }
    },
  })),

  'writes back the license it read a moment ago': fault('races', (sound, tables) => ({
    updateLicense: async (...args) => {
      const before = await sound.findLicense(args[0], args[1].canonicalKey)
      await turnOfTheLoop()
      const outcome = await sound.updateLicense(...args)
      if (outcome.kind !== 'updated' || before.kind !== 'found') return outcome
      const license = { ...outcome.license, activationCount: before.license.activationCount }
      tables.licenses.set(license.id, license)
      return { ...outcome, license }
    },
  })),

  'stores licenses one by one': fault('new licenses', (sound) => ({
    insertLicenses: async (...args) => {
      const [accountId, input, step] = args
      let outcome = await sound.insertLicenses(accountId, { ...input, licenses: input.licenses.slice(0, 1) }, step)
      for (const license of input.licenses.slice(1)) {
        if (outcome.kind !== 'created') return outcome
        const { licenses } = outcome
        const next = await sound.insertLicenses(accountId, { licenses: [license] }, step)
        outcome = next.kind === 'created' ? { ...next, licenses: [...licenses, ...next.licenses] } : next
      }
      return outcome
    },
  })),

  'sells a product that is switched off': fault('new licenses', (sound, tables) => ({
    insertLicenses: async (...args) => {
      const before = new Map(tables.products)
      for (const [id, product] of before) tables.products.set(id, { ...product, active: true })
      const inserted = sound.insertLicenses(...args)
      for (const [id, product] of before) tables.products.set(id, product)
      return inserted
    },
  })),

  'stores a license’s new customer in a step before': fault('a new customer for a license', (sound) => ({
    updateLicense: async (...args) => {
      const [accountId, target, { newCustomer, ...changes }, step] = args
      if (newCustomer === undefined) return sound.updateLicense(...args)
      const { customer, onEmailTaken } = newCustomer
      const inserted = await sound.insertCustomer(accountId, customer, { now: step.now })
      if (inserted.kind !== 'created' && onEmailTaken === 'refuse') return { kind: 'email-taken' }
      const holder = await sound.findCustomerByEmail(accountId, customer.email ?? '')
      return sound.updateLicense(accountId, target, { ...changes, customerId: holder?.id ?? customer.id }, step)
    },
  })),

  'forgets the licensee': fault('claims', (sound) => ({
    claimActivation: (accountId, target, activation, step) =>
      sound.claimActivation(accountId, target, { ...activation, licensee: null }, step),
  })),

  'does not note how long the tokens of a host seen again last': fault('claims', (sound, tables) => ({
    claimActivation: async (...args) => {
      const before = await sound.findActivation(args[0], { ...args[1], hostId: args[2].hostId })
      const outcome = await sound.claimActivation(...args)
      if (outcome.kind !== 'existing' || before.kind !== 'found' || before.activation === null) return outcome
      const activation = { ...outcome.activation, tokensEndAt: before.activation.tokensEndAt }
      tables.activationsOf(activation.licenseId).set(activation.hostId, activation)
      return { ...outcome, activation }
    },
  })),

  'finds a version under any product': fault('product versions', (sound, tables) => ({
    findProductVersion: async (accountId, productId, versionId) => {
      const version = tables.productVersions.get(versionId)
      return sound.findProductVersion(accountId, version?.productId ?? productId, versionId)
    },
  })),

  'keeps the activations of a deleted license': fault('licenses', (sound, tables) => ({
    deleteLicense: async (...args) => {
      const outcome = await sound.deleteLicense(...args)
      if (outcome.kind === 'deleted') {
        tables.licenses.set(outcome.license.id, outcome.license)
        tables.activationsOf(outcome.license.id)
      }
      return outcome
    },
  })),

  'expires one millisecond late': fault('claims', (sound) => ({
    claimActivation: (...args) => {
      const [accountId, target, activation, step] = args
      const now = new Date(step.now.getTime() - 1)
      return sound.claimActivation(accountId, target, activation, { ...step, now })
    },
  })),

  'lets tokens end sooner when a host is seen again': claimFault('activations', async (sound, tables, args) => {
    const outcome = await sound.claimActivation(...args)
    if (outcome.kind !== 'existing') return outcome
    const activation = seeActivation({ ...outcome.activation, tokensEndAt: NOW }, outcome.product, args[2], args[3].now)
    putRow(tables, activation)
    return { ...outcome, activation }
  }),

  'toggles what it read before': fault('customers', (sound) => ({
    updateCustomer: async (...args) => {
      const [accountId, customerId, changes, step] = args
      if (changes !== 'toggle') return sound.updateCustomer(...args)
      const customer = await sound.findCustomer(accountId, customerId)
      return sound.updateCustomer(accountId, customerId, { active: customer?.active !== true }, step)
    },
  })),

  'compares emails letter by letter': fault('customers', (sound, tables) => ({
    insertCustomer: async (...args) => {
      const [accountId, customer, step] = args
      const rows = [...tables.customers.values()]
      if (customer.email !== null && rows.some((row) => row.email === customer.email)) {
        return { kind: 'email-taken' } as const
      }
      const inserted = await sound.insertCustomer(accountId, { ...customer, email: null }, step)
      tables.putCustomer({ ...customer })
      return inserted
    },
  })),

  'gives package ids by counting the account’s products': fault('products', (sound, tables) => ({
    insertProduct: async (...args) => {
      tables.lastPackageId = (await sound.listProducts(args[0], { limit: 0 })).total
      return sound.insertProduct(...args)
    },
  })),

  'revokes again at a later time': fault('access tokens', (sound, tables) => ({
    revokeAccessToken: async (...args) => {
      const [, tokenId, { now }] = args
      const outcome = await sound.revokeAccessToken(...args)
      const token = tables.accessTokens.get(tokenId)
      if (token !== undefined) tables.accessTokens.set(tokenId, { ...token, revokedAt: now })
      return outcome
    },
  })),

  'overwrites an account whose id is inserted again': fault('handle, signing keys, accounts', (sound, tables) => ({
    insertAccount: async (...args) => {
      tables.accounts.delete(args[0].id)
      return sound.insertAccount(...args)
    },
  })),

  'finds the license of another account': fault('accounts', (sound, tables) => ({
    findLicense: async (...args) => {
      const license = [...tables.licenses.values()].find((row) => row.canonicalKey === args[1])
      return sound.findLicense(license?.accountId ?? args[0], args[1])
    },
  })),

  'lists the activations of another account': fault('accounts', (sound, tables) => ({
    listActivations: async (...args) => {
      const [accountId, licenseId, page] = args
      return sound.listActivations(tables.licenses.get(licenseId)?.accountId ?? accountId, licenseId, page)
    },
  })),

  'hands out its own rows': fault('values', (sound, tables) => ({
    findLicense: async (...args) => {
      const outcome = await sound.findLicense(...args)
      if (outcome.kind !== 'found') return outcome
      return { ...outcome, license: tables.licenses.get(outcome.license.id) ?? outcome.license }
    },
  })),

  'drops milliseconds': fault('values', (sound) => ({
    insertLicenses: async (...args) => {
      const [accountId, input, step] = args
      const licenses = input.licenses.map((row) => ({
        ...row,
        expiresAt: row.expiresAt && wholeSeconds(row.expiresAt),
      }))
      return sound.insertLicenses(accountId, { ...input, licenses }, step)
    },
  })),

  'matches keys in any letter case': fault('values', (sound) => ({
    findLicense: (accountId, canonicalKey) => sound.findLicense(accountId, canonicalKey.toUpperCase()),
  })),

  'totals the page instead of the list': fault('paging', (sound) => ({
    listCustomers: async (...args) => {
      const { items } = await sound.listCustomers(...args)
      return { items, total: items.length }
    },
  })),

  'orders rows of one instant anew for each page': fault('paging', (sound) => {
    let turn = false
    return {
      listAccessTokens: async (...args) => {
        const { limit, offset = 0 } = args[1]
        const { items, total } = await sound.listAccessTokens(args[0], { limit: 1_000 })
        turn = !turn
        const tokens = turn ? items : items.toReversed()
        return { items: tokens.slice(offset, offset + limit), total }
      },
    }
  }),

  'purges without a bound': fault('housekeeping', (sound) => ({
    purgeExpired: (now) => sound.purgeExpired(now, Number.MAX_SAFE_INTEGER),
  })),

  'never deletes idempotency records': fault('housekeeping of idempotency records', (sound, tables) => ({
    purgeExpired: async (...args) => {
      const records = new Map(tables.idempotencyRecords)
      const purged = await sound.purgeExpired(...args)
      for (const [key, record] of records) tables.idempotencyRecords.set(key, record)
      return { ...purged, idempotencyRecords: 0 }
    },
  })),

  'does a replayed step again': fault('idempotency', (sound) => ({
    resetLicense: async (...args) => {
      const outcome = await sound.resetLicense(...args)
      const { idempotency, ...step } = args[2]
      if ('replayed' in outcome) await sound.resetLicense(args[0], args[1], step)
      return outcome
    },
  })),

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

  'replays without the note': faultInSteps('idempotency', (step, run) => {
    if (step.idempotency === undefined) return run(step)
    const { note, ...idempotency } = step.idempotency
    return run({ ...step, idempotency })
  }),

  'replays as if it happened just now': faultInSteps('idempotency', async (step, run) => {
    const outcome = await run(step)
    return 'replayed' in outcome ? { ...outcome, replayed: { at: step.now, note: null } } : outcome
  }),

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
    create: memoryStore,
  },

  'forgets idempotency records on closing': fault('persistence of idempotency records', (sound, tables) => ({
    close: async () => {
      tables.idempotencyRecords.clear()
      return sound.close()
    },
  })),

  'forgets events on closing': fault('persistence of events', (sound, tables) => ({
    close: async () => {
      tables.events.splice(0)
      return sound.close()
    },
  })),

  'trusts a license it has read before': fault('two handles on one store', (sound, tables) => {
    const seen = new Map<string, number>()
    return {
      claimActivation: async (...args) => {
        const id = tables.licenseIds.get(args[1].canonicalKey) ?? ''
        const license = tables.licenses.get(id)
        const activationCount = seen.get(id)
        if (license !== undefined && activationCount !== undefined) {
          tables.licenses.set(id, { ...license, activationCount })
        }
        const claimed = sound.claimActivation(...args)
        seen.set(id, tables.licenses.get(id)?.activationCount ?? 0)
        return claimed
      },
    }
  }),
}
