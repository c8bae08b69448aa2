import type { Model } from './model'

/** What is asked of the licenses that are made under one idempotency key. */
export type CreationCall =
  /** `name`: of the license it would make. `order`: what is ordered, which is the payload. */
  | { readonly do: 'create'; readonly name: string; readonly order: number }
  | { readonly do: 'find'; readonly name: string }
  /** Which of these there are. */
  | { readonly do: 'count'; readonly names: readonly string[] }

export interface CreationOutcome {
  readonly kind: string
  readonly name?: string
  readonly names?: readonly string[]
}

/** The names of those that were made. */
type CreationState = readonly string[]

export const creationModel: Model<CreationState, CreationCall, CreationOutcome> = {
  initial: [],
  apply(made, call) {
    switch (call.do) {
      case 'create':
        return [[...made, call.name], { kind: 'created', name: call.name }]
      case 'find':
        return [made, { kind: made.includes(call.name) ? 'found' : 'gone' }]
      case 'count':
        return [made, { kind: 'counted', names: call.names.filter((name) => made.includes(name)) }]
    }
  },
}

/** What a call asks for, whoever asks it. */
export function creationPayload(call: CreationCall): string {
  return call.do === 'create' ? `create ${call.order}` : call.do
}
