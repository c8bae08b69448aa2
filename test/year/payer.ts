import type { LicenseCheck, LicenseKit } from '../../src/client'
import { type Computer, createComputer, type Surroundings } from './computer'
import { DAY } from './time'
import type { Vendor } from './vendor'

/** One person's app on one computer. */
export interface Use {
  readonly computer: Computer
  readonly user: string
}

/** Somebody who has paid, and whom the vendor has not blocked: only then a day without a license is a day lost. */
export interface Payer {
  readonly name: string
  readonly key: string
  readonly seats: number
  readonly surroundings: Surroundings
  readonly vendor: Vendor
  /** The first is the one that most stories are about. */
  uses: Use[]
  entitled: boolean
  /** How the person types the key. */
  typed: (key: string) => string
}

/** How an app behaves, and the person before it. */
export type Conduct = 'as documented' | 'careless'

export function createPayer(surroundings: Surroundings, vendor: Vendor, name: string, key: string, seats: number) {
  const computer = createComputer(surroundings, `${name}’s computer`, vendor.newest())
  const payer: Payer = {
    name,
    key,
    seats,
    surroundings,
    vendor,
    uses: [{ computer, user: 'owner' }],
    entitled: true,
    typed: (text) => text,
  }
  return payer
}

export function newComputer({ surroundings, vendor, name, uses }: Payer): Computer {
  return createComputer(surroundings, `${name}’s computer ${uses.length + 1}`, vendor.newest())
}

export function mainComputer({ uses }: Payer): Computer {
  const [use] = uses
  if (use === undefined) throw new Error('a payer without a computer')
  return use.computer
}

/** What a start of the app comes to. */
export interface Started {
  readonly usable: boolean
  /** What the app says, and why nothing that the person has tried was of use. */
  readonly said: string
}

/**
 * The app is started, looks at its license, and renews it as `watch()` would. Where that is not enough, the person does what
 * the sentences say; nobody writes to the vendor.
 */
export async function startApp(payer: Payer, use: Use, conduct: Conduct): Promise<Started> {
  const kit = use.computer.open(use.user)
  if (conduct === 'careless') return said(await kit.check())
  let found = await kit.start()
  const isDue = found.refreshDue || (found.refreshAfter?.getTime() ?? 0) - DAY < payer.surroundings.time.now
  if (found.usable && isDue) found = await kit.refresh()
  return found.usable ? said(found) : await helpOneself(payer, use, found)
}

function said({ usable, status, reason, lastContact }: LicenseCheck, why?: unknown): Started {
  const tried = why === undefined ? '' : `; activating: ${codeOf(why)}`
  return { usable, said: `${status} ${reason} (${lastContact?.code ?? 'no contact'})${tried}` }
}

async function helpOneself(payer: Payer, use: Use, found: LicenseCheck): Promise<Started> {
  const { computer } = use
  const startAgain = () => computer.open(use.user).start()
  if (found.status === 'clock-tampered' && computer.clockAhead !== 0) {
    // It says that the clock is wrong. Somebody looks at it, and sets it right.
    computer.clockAhead = 0
    const again = await startAgain()
    if (again.usable) return said(again)
  }
  if (computer.release !== payer.vendor.newest() && computer.network === 'online') {
    // Who has no license looks whether there is a new release of the app, and installs it.
    computer.release = payer.vendor.newest()
    const again = await startAgain()
    if (again.usable) return said(again)
  }
  try {
    return said(await activate(payer, computer.open(use.user), computer.name))
  } catch (error) {
    return said(found, error)
  }
}

/**
 * Types the key. Where all slots are taken, somebody picks a device in the list that is not in use any more: an unknown name, the
 * own one, or of a name that is there twice (a system that was installed anew) the one that was seen longer ago.
 */
async function activate(payer: Payer, kit: LicenseKit, deviceTag: string): Promise<LicenseCheck> {
  try {
    return await kit.activate(payer.typed(payer.key), { deviceTag })
  } catch (error) {
    if (codeOf(error) !== 'ACTIVATION_LIMIT_REACHED') throw error
    const inUse = payer.uses.map(({ computer }) => computer.name)
    const { devices } = await kit.devices(payer.key)
    const oldestFirst = [...devices].sort((a, b) => a.lastSeenAt.getTime() - b.lastSeenAt.getTime())
    const named = (name: string | null) => oldestFirst.filter((one) => one.deviceTag === name)
    const gone =
      oldestFirst.find((one) => !inUse.includes(one.deviceTag ?? '')) ??
      named(deviceTag)[0] ??
      oldestFirst.find((one) => named(one.deviceTag).length > 1)
    if (gone === undefined) throw error
    return await kit.activate(payer.key, { deviceTag, replaceDevice: gone.device })
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}
