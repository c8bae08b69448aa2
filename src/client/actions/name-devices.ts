import { LicenseError } from '../../protocol'
import type { OnlineContext } from '../kit-context'
import { errorSentence } from '../words/error-sentences'
import { type Device, listDevices } from './devices'

/** A person waits for it, who has heard nothing yet. */
const TIMEOUT_MS = 3_000
const MOST_NAMES = 5

/**
 * Says on which devices a license is in use that has no slot left, where the product lets its customers see that.
 * @returns the error with a sentence that names the devices; the same error where nobody tells
 */
export async function namingDevices(
  context: OnlineContext,
  licenseKey: string,
  error: LicenseError,
): Promise<LicenseError> {
  const config = { ...context.config, totalTimeoutMs: Math.min(TIMEOUT_MS, context.config.totalTimeoutMs) }
  const listed = await listDevices({ ...context, config }, licenseKey).catch(() => undefined)
  if (listed === undefined || listed.devices.length === 0) return error
  const message = `${errorSentence(error.code)} ${sentenceFor(listed.devices)}`
  return new LicenseError(error.code, message, { detail: error.detail, cause: error.cause })
}

function sentenceFor(listed: readonly Device[]): string {
  const names = listed.slice(0, MOST_NAMES).map(nameOf)
  const more = listed.length > MOST_NAMES ? `, and ${listed.length - MOST_NAMES} more` : ''
  return `In use on: ${names.join(', ')}${more}. Free one of them, or ask the vendor.`
}

function nameOf({ deviceTag, lastSeenAt }: Device): string {
  const name = deviceTag === null ? 'a computer without a name' : `“${deviceTag}”`
  return `${name} (last seen ${lastSeenAt.toISOString().slice(0, 10)})`
}
