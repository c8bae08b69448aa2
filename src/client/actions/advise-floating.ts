import { findCiVariable } from '../host/ci-runner'
import type { OnlineContext } from '../kit-context'

/**
 * Says, as a process warning, that a floating license suits a CI runner better: each run may be a host of its
 * own, and keep a slot. It is said before the slot is taken. Nothing is refused by it: a runner may be a computer that stays.
 * An app that says which host this is (`hostId`, `proofSecret`) has thought of it.
 */
export function adviseFloating({ config, probes }: Pick<OnlineContext, 'config' | 'probes'>): void {
  const variable = findCiVariable(probes.env)
  if (variable === undefined || config.hostId !== undefined || config.proofSecret !== undefined) return
  process.emitWarning(
    `${variable} is set: each run of a CI runner may take another slot of the license. A floating license suits it better; else give a hostId and a proofSecret.`,
    { type: 'KeyslotWarning', code: 'KEYSLOT_CI_RUNNER' },
  )
}
