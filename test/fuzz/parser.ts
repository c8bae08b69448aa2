import { isLicenseError } from '../../src/protocol/license-error'

/** Something that reads what strangers write. */
export interface Parser {
  readonly name: string
  /** What it takes. */
  readonly seeds: readonly string[]
  /** Makes of a text what the parser reads: signs it, for instance. Default: the text. */
  readonly wrap?: (text: string) => string
  readonly parse: (text: string) => unknown
  /** True for the errors that it says it throws. Default: those that are refusals with a code. */
  readonly isOwn?: (error: unknown) => boolean
}

export function isRefusal(error: unknown): boolean {
  return isLicenseError(error) && error.code !== 'SERVER_ERROR'
}

/** For what throws nothing at all. */
export function never(): boolean {
  return false
}

/** An outcome that is one of several, where a refusal is as good as any; what else is thrown comes out. */
export function outcomeOf(read: () => unknown, isOwn: (error: unknown) => boolean = isRefusal): unknown {
  try {
    return read()
  } catch (error) {
    if (isOwn(error)) return undefined
    throw error
  }
}
