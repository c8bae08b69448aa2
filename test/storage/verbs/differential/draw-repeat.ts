import type { Step } from '../../../../src/storage/verbs/store'
import { type Call, call } from './calls'
import type { Maker } from './maker'

/** A call made before is made again under its idempotency key, mostly with the same payload. */
export const repeatMakers: readonly Maker[] = [
  {
    weight: 6,
    make: (dice, { keyed, now, round }) => {
      const [known] = keyed.slice(-1 - dice.upTo(8))
      if (known === undefined) return call('listSigningKeyIds')
      return again(known, { now, round, payloadHash: dice.one(['payload', 'payload', 'other payload']) })
    },
  },
]

interface Repeat {
  readonly now: Date
  readonly round: number
  readonly payloadHash: string
}

/** A call with an idempotency key, made again. Ids are drawn anew, as a service does: the step may happen after all, where its record has lapsed. */
export function again(known: Call, { now, round, payloadHash }: Repeat): Call {
  const step = known.args.at(-1) as Step<string>
  const events = Object.entries(step.events ?? {}).map(([kind, planned]) => [
    kind,
    planned?.map((event) => ({ ...event, id: `${event.id}_${round}`.slice(-60), at: now })),
  ])
  const repeated = {
    ...step,
    now,
    events: Object.fromEntries(events),
    idempotency: { ...step.idempotency, payloadHash, expiresAt: new Date(now.getTime() + 3_600_000) },
  }
  const args: unknown[] = [...known.args.slice(0, -1), repeated]
  if (known.verb === 'claimSession') args[2] = { ...known.args[2], id: `ses_${round}` }
  if (known.verb === 'startTrial') {
    const [, start] = known.args
    args[1] = { ...start, trial: { ...start.trial, id: `lic_trial_${round}` } }
  }
  return { verb: known.verb, args } as Call
}
