import { LicenseError } from './license-error'

/** What a host without network hands to the vendor, who answers it with a `.lic` file. Holds no secret. */
export interface ActivationRequest {
  readonly type: typeof ACTIVATION_REQUEST_TYPE
  readonly version: typeof ACTIVATION_REQUEST_VERSION
  readonly productId: string
  /** The host to sign for. */
  readonly hostId: string
  /** The app that asks, for a person to read. */
  readonly appName: string
  /** When it was asked, by that host's own clock: ISO 8601. */
  readonly createdAt: string
  /** As typed there; absent where the vendor knows which license is meant. */
  readonly licenseKey?: string
}

/** Field `type` of an activation request, so that no other JSON file is taken for one. */
export const ACTIVATION_REQUEST_TYPE = 'keyslot-activation-request'

/** Field `version`: raised when older readers would get it wrong. */
export const ACTIVATION_REQUEST_VERSION = 1

const MAX_LENGTH = 16_384
const PRINTABLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** Control and format characters could make a terminal show another key than is signed. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

/** The content of a request file. */
export function serializeActivationRequest(request: ActivationRequest): string {
  return `${JSON.stringify(request, null, 2)}\n`
}

/**
 * Reads a request file's content. Pure. Whatever the file says is only a wish: nothing in it is signed.
 *
 * @returns a request in which every field fits the wire's own limits, and nothing else
 * @throws {LicenseError} ACTIVATION_REQUEST_MALFORMED when it is no request, longer than 16,384 characters, or of a
 * later version; `detail.field` names the field at fault
 */
export function parseActivationRequest(text: string): ActivationRequest {
  const content = parseObject(text)
  if (content.type !== ACTIVATION_REQUEST_TYPE) throw malformed('type', 'This is no activation request.')
  if (content.version !== ACTIVATION_REQUEST_VERSION) {
    throw malformed('version', 'The activation request was written by another version of keyslot.')
  }
  const { licenseKey } = content
  return {
    type: ACTIVATION_REQUEST_TYPE,
    version: ACTIVATION_REQUEST_VERSION,
    productId: field(content, 'productId', 256, isPrintableAscii),
    hostId: field(content, 'hostId', 64, isPrintableAscii),
    appName: field(content, 'appName', 64, isPrintableAscii),
    createdAt: field(content, 'createdAt', 30, isInstant),
    ...(licenseKey === undefined ? {} : { licenseKey: field(content, 'licenseKey', 256, isVisible) }),
  }
}

function parseObject(text: string): Record<string, unknown> {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) throw malformed(undefined, 'This is no activation request.')
  try {
    // Editors of other systems put a byte order mark first.
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>
  } catch {
    // Said below, without the text.
  }
  throw malformed(undefined, 'This is no activation request.')
}

function field(
  content: Record<string, unknown>,
  name: keyof ActivationRequest,
  maxLength: number,
  fits: (text: string) => boolean,
): string {
  const value = content[name]
  if (typeof value === 'string' && value.length <= maxLength && fits(value)) return value
  throw malformed(name, `The activation request has no usable ${name}.`)
}

function isPrintableAscii(text: string): boolean {
  return PRINTABLE_ASCII.test(text)
}

function isVisible(text: string): boolean {
  return text.trim() !== '' && !INVISIBLE.test(text)
}

function isInstant(text: string): boolean {
  return ISO_8601.test(text) && !Number.isNaN(Date.parse(text))
}

function malformed(name: keyof ActivationRequest | undefined, message: string): LicenseError {
  return new LicenseError(
    'ACTIVATION_REQUEST_MALFORMED',
    message,
    name === undefined ? {} : { detail: { field: name } },
  )
}
