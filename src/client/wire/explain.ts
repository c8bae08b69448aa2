import type { Answer } from './answer'

/** Says what was asked and what came back, for a developer. Holds no key, no token and no page. */
export function explain(answer: Exclude<Answer, { kind: 'success' }>): string {
  const asked = answer.url === undefined ? 'the request' : `POST ${answer.url}`
  if (answer.kind === 'refused') {
    const said = answer.message === undefined ? '' : `: ${answer.message}`
    return `${asked} answered ${answer.status}, ${answer.code}${said}`
  }
  const { status, systemCode } = answer
  if (systemCode === 'NO_FETCH') return `${asked}: this runtime has no fetch; give the option fetch`
  if (status === undefined) return `${asked}: ${systemCode ?? 'no answer that a license server gives'}`
  if (status === 429 || status >= 500 || status === 409) return `${asked} answered ${status}`
  return `${asked} answered ${status}, and not as a license server does: see that serverUrl is where the router is mounted, and that nothing in between answers for it`
}
