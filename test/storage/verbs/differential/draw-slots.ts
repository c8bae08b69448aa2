import type { DeviceRelease } from '../../../../src/domain/decide-release'
import type { Proof } from '../../../../src/domain/proof'
import type { SeatRules } from '../../../../src/domain/seat-rules'
import type { SlotRequest } from '../../../../src/domain/slot-request'
import { newActivation, newProofKey } from '../kit/entities'
import type { Dice } from './dice'
import { COUNTS, type World } from './world'

const [OLD, NEW, THIRD] = ['old', 'new', 'third'].map(newProofKey)
const KEYS = [null, OLD, OLD, NEW, NEW, THIRD].map((key) => key ?? null)

/** A name has one period: what left a shorter one is forgotten. */
export const ALLOWANCES = {
  moves: { name: 'moves', periodMs: 600_000 },
  activations: { name: 'activations', periodMs: 3_600_000 },
  frees: { name: 'frees', periodMs: 3_600_000 },
} as const

export function drawHost(dice: Dice): string {
  return dice.chance(40) ? 'host_0' : dice.id('host', COUNTS.host)
}

/** A claim by any of the rules, or by none. */
export function drawClaim(dice: Dice, world: World): SlotRequest {
  const { round } = world
  const previousHostIds = Array.from({ length: dice.upTo(3) }, () => drawHost(dice))
  const asked = newActivation(drawHost(dice), {
    id: `act_${round}`,
    jti: `jti_${round}`,
    ...(dice.chance(50) && { deviceTag: `device ${round}`, licensee: { name: null, email: 'ada@example.com' } }),
    ...(dice.chance(60) && { proofKey: drawProofKey(dice) }),
    ...(dice.chance(15) && ({ trusted: true } as const)),
    ...(dice.chance(40) && { previousHostIds }),
    ...(dice.chance(20) && { authtoolProductId: 'prod_0' }),
  })
  return {
    ...asked,
    ...(dice.chance(60) && { rules: drawRules(dice) }),
    ...(dice.chance(40) && { unit: dice.id('unit', 2) }),
    ...(dice.chance(15) && { replaceDevice: drawDevice(dice, world).device }),
    ...(dice.chance(15) && { file: { ttlSeconds: dice.one([undefined, 600, 7_200]) } }),
  }
}

/** A key, or none. */
export function drawProofKey(dice: Dice): string | null {
  return dice.one(KEYS)
}

export function drawProof(dice: Dice): Proof {
  return { proofKey: drawProofKey(dice), ...(dice.chance(20) && ({ trusted: true } as const)) }
}

export function drawRelease(dice: Dice): Omit<DeviceRelease, 'device'> {
  return { ...drawProof(dice), ...(dice.chance(65) && { rules: drawRules(dice) }) }
}

/** A license with a host of it: half of the time those of a device that is known. */
export function drawHeldSlot(dice: Dice, { devices }: World, drawn: { readonly canonicalKey: string }) {
  const [known] = devices.slice(-1 - dice.upTo(6))
  const { canonicalKey, hostId } = known !== undefined && dice.chance(50) ? known : { ...drawn, hostId: drawHost(dice) }
  return { canonicalKey, hostId }
}

/** A device that is known, with its license. */
export function drawDevice(dice: Dice, { devices }: World) {
  const [known] = devices.slice(-1 - dice.upTo(8))
  if (known === undefined || dice.chance(5)) return { device: 'act_none' }
  return { device: known.id, canonicalKey: known.canonicalKey }
}

function drawRules(dice: Dice): SeatRules {
  return {
    moves: dice.chance(20) ? null : drawAllowance(dice, 'moves'),
    activations: dice.chance(40) ? null : drawAllowance(dice, 'activations'),
    usersPerHost: dice.one([1, 1, 1, 2]),
    frees: drawAllowance(dice, 'frees'),
  }
}

function drawAllowance(dice: Dice, name: keyof typeof ALLOWANCES) {
  return { ...ALLOWANCES[name], limit: dice.one(name === 'moves' ? [0, 0, 0, 1, 2] : [0, 1, 1, 2, 3]) }
}
