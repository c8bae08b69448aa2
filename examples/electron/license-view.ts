import { type Device, isLicenseError, type LicenseCheck, type LicenseError } from 'keyslot/client'

/** What a window is told: nothing it could leak, everything it can show. */
export interface LicenseView {
  /** `error`: what was asked for was not done; what was licensed before still is. */
  readonly status: LicenseCheck['status'] | 'error'
  readonly usable: boolean
  /** What is the matter: keyslot's own sentence, or yours in any language, by `reason` or code. */
  readonly message: string
  /** What the person can do about it, where that is not said already. */
  readonly advice: string | null
  /** `none`: the server has said that there is no trial of this product. Null: this is no trial, and there may be one. */
  readonly trial: 'running' | 'none' | null
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

export function toView(check: LicenseCheck): LicenseView {
  const { status, usable, message } = check
  const trial = check.usable && check.license.metadata?.trial === true ? 'running' : null
  return { status, usable, message, advice: outlook(check, trial === 'running'), trial, devices: [] }
}

/** How long it goes on, where that is not for good. */
function outlook(check: LicenseCheck, isTrial: boolean): string | null {
  if (check.usable && !check.persisted) {
    return 'It cannot be stored on this computer, and is asked for again. Is the disk full, or the folder locked?'
  }
  if (check.status === 'grace') return `Without it, the app works until ${check.graceEndsAt.toLocaleString()}.`
  return isTrial && check.expiresAt !== null ? `This is a trial until ${check.expiresAt.toLocaleString()}.` : null
}

/** An error as a window shows it; one that is none of keyslot's is a fault of the app. */
export function toErrorView(error: unknown): LicenseView {
  if (!isLicenseError(error)) throw error
  const { code, message } = error
  const trial = code === 'TRIAL_NOT_OFFERED' ? 'none' : null
  return { status: 'error', usable: false, message, advice: adviceFor(error), trial, devices: [] }
}

/** That all computers of a license are taken, and which. One that rests has no place to give: none left, no list. */
export function toLimitView(limitReached: LicenseError, listed: readonly Device[]): LicenseView {
  const devices = listed.filter(({ thisDevice, resting }) => !thisDevice && !resting).map(toDeviceView)
  const view = toErrorView(limitReached)
  if (devices.length === 0) return view
  // The message names them, too, for apps that have no list.
  const message = 'The license is already in use on as many computers as it allows.'
  return {
    ...view,
    message,
    advice: 'Choose which one makes room. It loses the license as soon as it is online.',
    devices,
  }
}

function toDeviceView({ device, deviceTag, lastSeenAt }: Device): DeviceView {
  return { device, name: deviceTag ?? 'Unnamed device', lastSeen: lastSeenAt.toLocaleDateString() }
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
    case 'SERVER_UNREACHABLE':
      return 'A computer that is never online can be licensed with a file: please write to us.'
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
