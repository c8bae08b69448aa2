import type { LicenseCheck, LicenseKit } from '../../src/client'
import { LicenseError } from '../../src/protocol'
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

/**
 * The app is started, looks at its license, and renews it as `watch()` would. Where that is not enough, the person does what
 * the sentences say; nobody writes to the vendor.
 */
export async function startApp(payer: Payer, use: Use, conduct: Conduct): Promise<LicenseCheck> {
  const kit = use.computer.open(use.user)
  if (conduct === 'careless') return await kit.check()
  let found = await kit.start()
  const isDue = found.refreshDue || (found.refreshAfter?.getTime() ?? 0) - DAY < payer.surroundings.time.now
  if (found.usable && isDue) found = await kit.refresh()
  return found.usable ? found : await helpOneself(payer, use, kit, found)
}

async function helpOneself(payer: Payer, use: Use, kit: LicenseKit, found: LicenseCheck): Promise<LicenseCheck> {
  if (found.status === 'clock-tampered' && use.computer.clockAhead !== 0) {
    // It says that the clock is wrong. Somebody looks at it, and sets it right.
    use.computer.clockAhead = 0
    const again = await use.computer.open(use.user).start()
    if (again.usable) return again
  }
  if (found.lastContact?.code === 'INVALID_ACCESS_TOKEN' && use.computer.network === 'online') {
    // The server does not know this release of the app any more: somebody updates it.
    use.computer.release = payer.vendor.newest()
    const again = await use.computer.open(use.user).start()
    if (again.usable) return again
  }
  const deviceTag = use.computer.name
  try {
    return await kit.activate(payer.typed(payer.key), { deviceTag })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    if (error.code === 'ACTIVATION_LIMIT_REACHED') return (await moveHere(payer, kit, deviceTag)) ?? found
    return found
  }
}

/** Of the devices that hold the slots, somebody picks one that is not in use any more. */
async function moveHere(payer: Payer, kit: LicenseKit, deviceTag: string): Promise<LicenseCheck | undefined> {
  const inUse = payer.uses.map(({ computer }) => computer.name)
  try {
    const { devices } = await kit.devices(payer.key)
    const gone = devices.find((one) => !inUse.includes(one.deviceTag ?? '')) ?? devices.find(isOwn(deviceTag))
    if (gone === undefined) return undefined
    return await kit.activate(payer.key, { deviceTag, replaceDevice: gone.device })
  } catch (error) {
    if (error instanceof LicenseError || (error instanceof Error && 'code' in error)) return undefined
    throw error
  }
}

const isOwn =
  (name: string) =>
  ({ deviceTag }: { readonly deviceTag: string | null }) =>
    deviceTag === name
