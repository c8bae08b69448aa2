import type { Model } from './model'

export const HOSTS = 4
export const SLOTS = 2

/** What is asked of a node-locked license. Hosts go by their numbers. */
export type SlotCall =
  /** `id`: of the activation it would make. */
  | { readonly do: 'claim'; readonly host: number; readonly id: string }
  | { readonly do: 'release' | 'validate'; readonly host: number }
  | { readonly do: 'release-all' }
  | { readonly do: 'reset' | 'describe' }
  | { readonly do: 'block'; readonly blocked: boolean }

/** What callers are told, as far as the model knows it. */
export interface SlotOutcome {
  readonly kind: string
  /** Of the host's activation. */
  readonly id?: string
  /** The license's counter. */
  readonly taken?: number
  readonly resets?: number
  readonly blocked?: boolean
  readonly freed?: number
  /** The activation of each host. */
  readonly held?: Held
}

/** The id of each host's activation. */
export type Held = readonly (string | null)[]

interface SlotState {
  readonly held: Held
  /** Hosts that were freed at some time: an entry of the revocation list says so as long as their tokens could live. */
  readonly freed: readonly boolean[]
  readonly blocked: boolean
  readonly resets: number
}

const NONE: Held = Array.from({ length: HOSTS }, () => null)

const takenOf = (held: Held) => held.filter((id) => id !== null).length

/** A node-locked license with two slots. */
export const slotsModel: Model<SlotState, SlotCall, SlotOutcome> = {
  initial: { held: NONE, freed: NONE.map(() => false), blocked: false, resets: 0 },
  apply(state, call) {
    const { held, blocked, resets } = state
    switch (call.do) {
      case 'describe':
        return [state, { kind: 'found', held, taken: takenOf(held), blocked, resets }]
      case 'reset':
        return [
          { ...state, held: NONE, resets: resets + 1 },
          { kind: 'reset', resets: resets + 1 },
        ]
      case 'block':
        return [
          { ...state, blocked: call.blocked },
          { kind: 'updated', blocked: call.blocked },
        ]
      default:
        return blocked ? [state, { kind: 'blocked' }] : applyUnblocked(state, call)
    }
  },
}

type Refusable = Extract<SlotCall, { do: 'claim' | 'release' | 'validate' | 'release-all' }>

function applyUnblocked(state: SlotState, call: Refusable): readonly [SlotState, SlotOutcome] {
  const { held } = state
  const taken = takenOf(held)
  if (call.do === 'release-all')
    return [
      { ...state, held: NONE },
      { kind: 'released', freed: taken },
    ]
  const own = held[call.host] ?? null
  switch (call.do) {
    case 'validate':
      if (own !== null) return [state, { kind: 'valid', id: own }]
      return [state, { kind: state.freed[call.host] === true ? 'activation-revoked' : 'not-activated' }]
    case 'release':
      if (own === null) return [state, { kind: 'not-active' }]
      return [
        { ...state, held: held.with(call.host, null), freed: state.freed.with(call.host, true) },
        { kind: 'released', id: own, taken: taken - 1 },
      ]
    case 'claim':
      if (own !== null) return [state, { kind: 'existing', id: own, taken }]
      if (taken >= SLOTS) return [state, { kind: 'limit-reached' }]
      return [
        { ...state, held: held.with(call.host, call.id) },
        { kind: 'created', id: call.id, taken: taken + 1 },
      ]
  }
}

/** What a call asks for, whoever asks it. */
export function slotPayload(call: SlotCall): string {
  return 'host' in call ? `${call.do} ${call.host}` : call.do
}
