import { KEYMINT_WIRES, type KeymintWire } from '../protocol/enumerations'

/** What an installation answers KeyMint's clients in; `auto` follows what each access token has shown. */
export const WIRE_OPTIONS = [...KEYMINT_WIRES, 'auto'] as const
export type WireOption = (typeof WIRE_OPTIONS)[number]

/** When a token asked for a license last, with the license key in a header and in the query; null for never. */
interface ShownKeys {
  readonly headerKeyAt: Date | null
  readonly queryKeyAt: Date | null
}

/** What says which form of KeyMint's answers a request is answered in, the strongest first. */
export interface WireHints {
  /** What the request itself asks for. */
  readonly asked: KeymintWire | undefined
  /** What is set of its access token. */
  readonly setting: KeymintWire | null
  readonly option: WireOption
  readonly shown: ShownKeys
}

/** What a token has shown counts so long. */
const SHOWN_COUNTS_MS = 86_400_000

/**
 * The form that a request is answered in. A token that has shown the newer form alone is answered in it; `isTorn` where one has
 * shown both and nothing else decides: older clients cannot read what newer ones can do without.
 */
export function decideWire({ asked, setting, option, shown }: WireHints, now: Date): DecidedWire {
  const said = asked ?? setting ?? (option === 'auto' ? undefined : option)
  if (said !== undefined) return { wire: said, isTorn: false }
  const [newer, older] = [shown.headerKeyAt, shown.queryKeyAt].map((at) => counts(at, now))
  return { wire: newer && !older ? '2026-09' : 'before', isTorn: newer === true && older === true }
}

export interface DecidedWire {
  readonly wire: KeymintWire
  readonly isTorn: boolean
}

function counts(at: Date | null, now: Date): boolean {
  return at !== null && now.getTime() - at.getTime() < SHOWN_COUNTS_MS
}
