import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { type Allowance, type Spending, spend } from '../../../../src/domain/allowance'
import type { Store } from '../../../../src/storage/verbs/store'
import type { Tables } from '../differential/model/tables'
import type { Spent } from '../kit/spending'
import { type Fault, fault } from './conformance-fault'

const ALLOWANCES = 'allowances'

type Charging = readonly [accountId: string, licenseId: string, allowance: Allowance, unit: string, now: Date]

/** Charges soundly. */
type Spend = (...args: Charging) => Promise<Spent>

interface Sound {
  readonly spendAllowance: Spend
}

/** Claims of slots, of which those that are charged are charged as `spending` does. */
function chargedAs(
  sound: Store,
  tables: Tables,
  spending: (sound: Sound, tables: Tables, args: Charging) => Promise<Spent>,
): Pick<Store, 'claimActivation'> {
  return {
    async claimActivation(accountId, target, claim, step) {
      const { rules, unit = claim.hostId } = claim
      const license = [...tables.licenses.values()].find(({ canonicalKey }) => canonicalKey === target.canonicalKey)
      if (!rules?.activations || license === undefined) return sound.claimActivation(accountId, target, claim, step)
      let claimed: Awaited<ReturnType<Store['claimActivation']>> = { kind: 'gone' }
      const spendAllowance: Spend = async (account, licenseId, allowance, asked, now) => {
        const { canonicalKey } = tables.licenses.get(licenseId) ?? license
        const charged = { ...claim, rules: { ...rules, activations: allowance }, unit: asked }
        claimed = await sound.claimActivation(account, { ...target, canonicalKey }, charged, { ...step, now })
        if (claimed.kind === 'rate-limited') return { kind: 'exhausted', retryAt: claimed.retryAt }
        return { kind: claimed.kind === 'gone' ? 'gone' : 'spent' }
      }
      const args: Charging = [accountId, license.id, rules.activations, unit, step.now]
      const outcome = await spending({ spendAllowance }, tables, args)
      if (outcome.kind === 'spent') return claimed
      return outcome.kind === 'gone' ? outcome : { kind: 'rate-limited', retryAt: outcome.retryAt }
    },
  }
}

/** Fails in `group`: charges as `spending` does. */
function spendFault(group: string, spending: (sound: Sound, tables: Tables, args: Charging) => Promise<Spent>): Fault {
  return fault(group, (sound, tables) => chargedAs(sound, tables, spending))
}

/** Fails in `group`: spends another allowance than it was asked for. */
function otherAllowance(change: (allowance: Allowance) => Allowance): Fault {
  return spendFault(ALLOWANCES, (sound, _tables, [accountId, licenseId, allowance, ...rest]) =>
    sound.spendAllowance(accountId, licenseId, change(allowance), ...rest),
  )
}

/** Runs a synchronous step that forgets nothing of what was spent. */
function withoutForgetting<T>(tables: Tables, run: () => T): T {
  const before = structuredClone(tables.spendings)
  const result = run()
  for (const [licenseId, spent] of before) tables.spendings.set(licenseId, spent)
  return result
}

function spentBefore(tables: Tables, [, licenseId, { name }]: Charging): readonly Spending[] {
  return tables.spendingsOf(licenseId).get(name) ?? []
}

function remember(tables: Tables, [, licenseId, { name }]: Charging, spent: readonly Spending[]): void {
  tables.spendingsOf(licenseId).set(name, spent)
}

/** What goes wrong where it is counted what happens to a license. */
export const allowanceFaults: Readonly<Record<string, Fault>> = {
  'lets one more be spent than there is room for': otherAllowance((allowance) => ({
    ...allowance,
    limit: allowance.limit + 1,
  })),

  'takes a limit of none for no limit': otherAllowance((allowance) => ({
    ...allowance,
    limit: allowance.limit === 0 ? Number.MAX_SAFE_INTEGER : allowance.limit,
  })),

  'ends a period one millisecond late': otherAllowance((allowance) => ({
    ...allowance,
    periodMs: allowance.periodMs + 1,
  })),

  'counts what goes by different names together': otherAllowance((allowance) => ({ ...allowance, name: 'all' })),

  'matches names in any letter case': otherAllowance((allowance) => ({
    ...allowance,
    name: allowance.name.toLowerCase(),
  })),

  'counts a unit as often as it is spent': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [accountId, licenseId, allowance, unit, now] = args
    const count = spentBefore(tables, args).length
    return sound.spendAllowance(accountId, licenseId, allowance, `${unit} ${count}`, now)
  }),

  'keeps a unit longer that is spent again': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [, , , unit, at] = args
    const outcome = await sound.spendAllowance(...args)
    const others = spentBefore(tables, args).filter((spending) => spending.unit !== unit)
    if (outcome.kind === 'spent') remember(tables, args, [...others, { unit, at: new Date(at) }])
    return outcome
  }),

  'counts by the clock, from one full period to the next': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [, , { periodMs }, , now] = args
    const from = Math.floor(now.getTime() / periodMs) * periodMs
    remember(
      tables,
      args,
      spentBefore(tables, args).filter(({ at }) => at.getTime() >= from),
    )
    return sound.spendAllowance(...args)
  }),

  'tells to try again a whole period from now': spendFault(ALLOWANCES, async (sound, _tables, args) => {
    const outcome = await sound.spendAllowance(...args)
    if (outcome.kind !== 'exhausted') return outcome
    return { ...outcome, retryAt: new Date(args[4].getTime() + args[2].periodMs) }
  }),

  'counts what it refused': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [, , , unit, at] = args
    const outcome = await sound.spendAllowance(...args)
    if (outcome.kind === 'exhausted') remember(tables, args, [...spentBefore(tables, args), { unit, at }])
    return outcome
  }),

  'remembers no more than a lowered limit': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [, , { limit }] = args
    remember(tables, args, limit === 0 ? [] : spentBefore(tables, args).slice(-limit))
    return sound.spendAllowance(...args)
  }),

  'counts all licenses together': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [first = args[1]] = tables.licenses.keys()
    const shared = tables.spendingsOf(first)
    if (tables.licenses.has(args[1])) tables.spendings.set(args[1], shared)
    return sound.spendAllowance(...args)
  }),

  'drops the milliseconds of what was spent': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const outcome = await sound.spendAllowance(...args)
    const whole = (at: Date) => new Date(Math.floor(at.getTime() / 1_000) * 1_000)
    remember(
      tables,
      args,
      spentBefore(tables, args).map(({ unit, at }) => ({ unit, at: whole(at) })),
    )
    return outcome
  }),

  'keeps the instant it was handed': spendFault(ALLOWANCES, async (sound, tables, args) => {
    const [, , allowance, unit, now] = args
    const before = spentBefore(tables, args)
    const outcome = await sound.spendAllowance(...args)
    if (outcome.kind === 'spent') remember(tables, args, spend(allowance, before, unit, now).spent)
    return outcome
  }),

  'keeps what was spent through a reset': fault(ALLOWANCES, (sound, tables) => ({
    resetLicense: (...args) => withoutForgetting(tables, () => sound.resetLicense(...args)),
  })),

  'keeps what was spent of a deleted license': fault(ALLOWANCES, (sound, tables) => ({
    deleteLicense: (...args) => withoutForgetting(tables, () => sound.deleteLicense(...args)),
  })),

  'keeps what was spent when it deletes a customer': fault(ALLOWANCES, (sound, tables) => ({
    deleteCustomer: (...args) => withoutForgetting(tables, () => sound.deleteCustomer(...args)),
  })),

  'keeps what was spent of a purged license': fault(ALLOWANCES, (sound, tables) => ({
    purgeExpired: (...args) => withoutForgetting(tables, () => sound.purgeExpired(...args)),
  })),

  'forgets what was spent where all slots are released': fault(ALLOWANCES, (sound, tables) => ({
    releaseAllActivations: (...args) => {
      tables.spendings.clear()
      return sound.releaseAllActivations(...args)
    },
  })),

  'forgets what was spent on closing': fault(ALLOWANCES, (sound, tables) => ({
    close: async () => {
      tables.spendings.clear()
      return sound.close()
    },
  })),

  'looks what was spent, waits, then spends': spendFault('races for allowances', async (sound, tables, args) => {
    const before = spentBefore(tables, args)
    await turnOfTheLoop()
    // Decided above, so what was spent meanwhile is not looked at again.
    if (tables.licenses.has(args[1])) remember(tables, args, before)
    return sound.spendAllowance(...args)
  }),

  'counts what it spent itself': fault('races for allowances over two handles', (sound, tables) => {
    const own = new Map<string, readonly Spending[]>()
    return chargedAs(sound, tables, async (charging, _tables, args) => {
      const key = JSON.stringify([args[1], args[2].name])
      remember(tables, args, own.get(key) ?? [])
      const spent = charging.spendAllowance(...args)
      own.set(key, spentBefore(tables, args))
      return spent
    })
  }),
}
