import type { Answer } from './answer'
import type { Fault } from './system-code'

/** The codes that say that no license server has answered: nobody has, or somebody on the way in its place. */
export const NOBODY_ANSWERED: readonly string[] = ['SERVER_UNREACHABLE', 'CONNECTION_INTERCEPTED', 'ANSWER_ALTERED']

/** What it means that a request got no answer. Somebody who opens TLS on the way is told apart from a lack of network. */
export function unanswered(fault: Fault): Extract<Answer, { kind: 'inconclusive' }> {
  const code = fault.issuer === undefined ? 'SERVER_UNREACHABLE' : 'CONNECTION_INTERCEPTED'
  return { kind: 'inconclusive', code, transient: true, ...fault }
}
