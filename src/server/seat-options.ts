import type { Allowance } from '../domain/allowance'
import { MAX_HOST_KEYS } from '../domain/host-keys'
import type { MoveAllowance, SeatRules } from '../domain/seat-rules'
import { refuseUnknown } from '../protocol/unknown-name'

/**
 * What `createLicensing` takes to keep slots from changing hands too often. None of it is asked of secret tokens and of the in-process API: they act for the vendor.
 */
export interface SeatOptions {
  /**
   * Lets a slot rest that is given up, or moves to another host, while the license tokens given out for it still work
   * somewhere. Without it, deactivating and then putting the app's files back leaves a device that works until its token
   * ends, beside the one that has the slot now.
   *
   * The first few times the slot is free at once. From then on a slot that is given up stays taken until its tokens have
   * ended (offline lifetime and grace of the product), and only the same host can have it back before; a slot does not
   * move. Licenses without a limit are not concerned. False: slots are free at once, however often; slots that rest when
   * it is switched off stay taken until their own host comes back, or you free them. Default `{}`.
   */
  readonly seatReuse?:
    | {
        /** How often for each license, 0 to 10,000. Default 5, and one for each slot of the license; of more than 1,000 slots none is counted. */
        readonly freeMoves?: number
        /** In how many days, 1 to 3,650. Default 30. */
        readonly periodDays?: number
      }
    | false
  /**
   * How many hosts may take a slot of one license in a time: more are answered 429 with `Retry-After`. A host that has
   * its slot already is not counted. Default: as many as the license has slots.
   */
  readonly activationRate?: {
    /** 1 to 10,000. */
    readonly hosts: number
    /** 1 to 315,360,000 (ten years). */
    readonly periodSeconds: number
  }
  /**
   * How many users a host may have, 1 to 32: each installation of your app shows a proof key of its own, and counts while its
   * license tokens last or it was used within 30 days. One too many goes on for 7 days, with event `license.rebound`; another
   * one is answered `HOST_USERS_EXCEEDED`. Default 5.
   */
  readonly usersPerHost?: number
  /**
   * How many devices whoever has a license key may free in 30 days, or replace by another, where the product allows
   * self-service: 0 to 10,000. Whoever shows a key that one of its devices has had for a week may free as many again. More are
   * answered 429 with `Retry-After`. Default 5.
   */
  readonly selfServiceFreesPerMonth?: number
}

const DAY_MS = 86_400_000
/** What was spent is kept with the license: not without bound. */
const MOST = 10_000

/**
 * The rules that options make.
 * @throws {TypeError} on an unknown or impossible option
 */
export function parseSeatOptions(options: SeatOptions): SeatRules {
  const { seatReuse = {}, activationRate, usersPerHost = 5, selfServiceFreesPerMonth = 5 } = options
  return {
    moves: seatReuse === false ? null : movesOf(seatReuse),
    activations: activationRate === undefined ? null : activationsOf(activationRate),
    usersPerHost: whole('usersPerHost', usersPerHost, 1, MAX_HOST_KEYS),
    frees: allowance('frees', whole('selfServiceFreesPerMonth', selfServiceFreesPerMonth, 0, MOST), 30 * DAY_MS),
  }
}

/** How often slots of a license may change hands in the time, beside once for each of them. */
const FREE_MOVES = 5

function movesOf(given: Exclude<NonNullable<SeatOptions['seatReuse']>, false>): MoveAllowance {
  const { freeMoves, periodDays = 30 } = fieldsOf('seatReuse', given, ['freeMoves', 'periodDays'])
  const limit = whole('seatReuse.freeMoves', freeMoves ?? FREE_MOVES, 0, MOST)
  const moves = allowance('moves', limit, whole('seatReuse.periodDays', periodDays, 1, 3650) * DAY_MS)
  return { ...moves, besidesSlots: freeMoves === undefined }
}

function activationsOf(given: NonNullable<SeatOptions['activationRate']>): Allowance {
  const { hosts, periodSeconds } = fieldsOf('activationRate', given, ['hosts', 'periodSeconds'])
  const limit = whole('activationRate.hosts', hosts, 1, MOST)
  return allowance('activations', limit, whole('activationRate.periodSeconds', periodSeconds, 1, 315_360_000) * 1000)
}

function allowance(name: string, limit: number, periodMs: number): Allowance {
  return { name, limit, periodMs }
}

function fieldsOf<T extends object>(option: string, given: T, known: readonly (keyof T & string)[]): T {
  if (typeof given !== 'object' || given === null) throw new TypeError(`createLicensing: ${option} must be an object`)
  refuseUnknown(`createLicensing: ${option}`, given, known)
  return given
}

function whole(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(`createLicensing: ${option} must be a whole number from ${min} to ${max}`)
}
