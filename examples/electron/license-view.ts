import { type Device, isLicenseError, type LicenseCheck, type LicenseError } from 'keyslot/client'

/** What a window is told: nothing it could leak, everything it can show. */
export interface LicenseView {
  /** `error`: what was asked for was not done; what was licensed before still is. `done`: it was, and the license is as before. */
  readonly status: LicenseCheck['status'] | 'error' | 'done'
  readonly usable: boolean
  /** What is the matter: keyslot's own sentence, or yours in any language, by `reason` or code. */
  readonly message: string
  /** What the person can do about it, where that is not said already. */
  readonly advice: string | null
  /** `none`: the server has said that there is no trial of this product. Null: this is no trial, and there may be one. */
  readonly trial: 'running' | 'none' | null
  /** Whether contact with the server may mend it: then "Check again" makes sense. */
  readonly checkAgain: boolean
  /** Whether the license key, as it was typed, is at fault. */
  readonly wrongKey: boolean
  /** Computers one of which can make room for this one. */
  readonly devices: readonly DeviceView[]
}

/** A computer as a window lists it. */
interface DeviceView {
  /** Names it to the main process; not for a person to read. */
  readonly device: string
  readonly name: string
  /** A date. */
  readonly lastSeen: string
}

/** What most answers have nothing of. */
const NOTHING_ELSE = { advice: null, trial: null, devices: [], checkAgain: false, wrongKey: false } as const

export function toView(check: LicenseCheck): LicenseView {
  const { status, usable, message } = check
  const trial = check.usable && check.license.metadata?.trial === true ? 'running' : null
  const checkAgain = status !== 'valid' && check.refreshDue
  return { ...NOTHING_ELSE, status, usable, message, advice: outlook(check, trial === 'running'), trial, checkAgain }
}

/** That the request for a license file is saved. */
export const REQUEST_SAVED: LicenseView = {
  ...NOTHING_ELSE,
  status: 'done',
  usable: false,
  message: 'The request is saved.',
  advice: 'Please send us the file from any computer. We answer with a license file, which you open here.',
}

/** How long it goes on, where that is not for good; where it is over, how it can go on. */
function outlook(check: LicenseCheck, isTrial: boolean): string | null {
  if (check.usable && !check.persisted) {
    return 'It cannot be stored on this computer, and is asked for again. Is the disk full, or the folder locked?'
  }
  switch (check.reason) {
    case 'OK':
      return isTrial && check.expiresAt !== null ? `This is a trial until ${dayOf(check.expiresAt)}.` : null
    case 'HOST_CHANGED':
    case 'TOKEN_EXPIRED':
    case 'SERVER_LOST':
      return check.usable ? `Without it, the app works until ${dayOf(check.graceEndsAt)}.` : null
    case 'LICENSE_EXPIRED':
      return 'Once it is renewed, choose "Check again"; or enter another license key.'
    case 'REVOKED':
    case 'LICENSE_BLOCKED':
    case 'CUSTOMER_INACTIVE':
    case 'HOST_NOT_ALLOWED':
    case 'HOST_USERS_EXCEEDED':
      return 'Please write to us, or enter another license key.'
    case 'ACTIVATION_NOT_FOUND':
      return 'To use it here, please enter the license key again.'
    default:
      return null
  }
}

/** A day as the person writes it. */
function dayOf(date: Date): string {
  return date.toLocaleDateString(undefined, { dateStyle: 'medium' })
}

/** An error as a window shows it; one that is none of keyslot's is a fault of the app. */
export function toErrorView(error: unknown): LicenseView {
  if (!isLicenseError(error)) throw error
  const { code, message } = error
  const trial = code === 'TRIAL_NOT_OFFERED' ? 'none' : null
  const wrongKey = code === 'LICENSE_NOT_FOUND' || code === 'INVALID_REQUEST'
  return { ...NOTHING_ELSE, status: 'error', usable: false, message, advice: adviceFor(error), trial, wrongKey }
}

/** That all computers of a license are taken, and which. One that rests has no place to give: none left, no list. */
export function toLimitView(limitReached: LicenseError, listed: readonly Device[]): LicenseView {
  const devices = listed.filter(({ thisDevice, resting }) => !thisDevice && !resting).map(toDeviceView)
  const view = toErrorView(limitReached)
  if (devices.length === 0) return view
  // The message names them, too, for apps that have no list.
  const message = 'The license is already in use on as many computers as it allows.'
  return { ...view, message, advice: 'Choose which one makes room.', devices }
}

function toDeviceView({ device, deviceTag, lastSeenAt }: Device): DeviceView {
  return { device, name: deviceTag ?? 'Unnamed device', lastSeen: dayOf(lastSeenAt) }
}

function adviceFor({ code, detail }: LicenseError): string | null {
  switch (code) {
    case 'ACTIVATION_LIMIT_REACHED':
      return (
        'On a computer that no longer needs it, choose "Deactivate This Computer…" in the menu, then activate here. ' +
        'If that computer is gone, please write to us: we free its place.'
      )
    case 'ACTIVATION_NOT_FOUND':
      return 'It has given its place up by now: please choose "Activate" once more.'
    case 'LICENSE_NOT_FOUND':
    case 'INVALID_REQUEST':
      return 'Please copy it from the mail you got with your order.'
    case 'TRIAL_NOT_OFFERED':
      return 'Please enter the license key you got with your order.'
    case 'LICENSE_FILE_MALFORMED':
    case 'TOKEN_WRONG_HOST':
    case 'TOKEN_WRONG_PRODUCT':
      return 'Please open the file that we made for this computer.'
    case 'RATE_LIMITED':
      return detail.retryAfterSeconds === undefined ? null : `You can try again ${inWords(detail.retryAfterSeconds)}.`
    default:
      return null
  }
}

/** "in 5 minutes", "in 30 days": rounded up, and never more than two days of hours. */
function inWords(seconds: number): string {
  const words = new Intl.RelativeTimeFormat('en')
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return words.format(minutes, 'minute')
  const hours = Math.ceil(seconds / 3_600)
  return hours < 48 ? words.format(hours, 'hour') : words.format(Math.ceil(seconds / 86_400), 'day')
}
