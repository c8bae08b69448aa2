import { LicenseError, type LicenseErrorCode } from '../../protocol'
import { errorSentence, knownCode } from '../words/error-sentences'
import type { Answer } from './answer'

/** Codes of a failed certificate check: something on the way, such as a company's proxy, opens the TLS connection. */
const INTERCEPTED = /CERT|UNABLE_TO_VERIFY/

const REFUSED_BY_PROXY = /^PROXY_ANSWERED_(\d+)$/

/** The error that a call throws for an answer that was no success. */
export function errorFor(answer: Exclude<Answer, { kind: 'success' }>): LicenseError {
  const { status } = answer
  const code = knownCode(answer.code)
  const { retryAfterSeconds, systemCode } = answer.kind === 'inconclusive' ? answer : {}
  const detail = {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  if (systemCode === undefined) return new LicenseError(code, errorSentence(code), { detail })
  return new LicenseError(code, sentenceWith(code, systemCode), { detail, cause: new Error(systemCode) })
}

function sentenceWith(code: LicenseErrorCode, systemCode: string): string {
  const refusedByProxy = REFUSED_BY_PROXY.exec(systemCode)
  if (refusedByProxy !== null) {
    return `The proxy on the way to the license server refuses the connection (${refusedByProxy[1]}). Please check the proxy settings.`
  }
  if (!INTERCEPTED.test(systemCode)) return errorSentence(code)
  return 'The license server shows a certificate this computer does not trust. A proxy may be in between; Node reads its certificate from NODE_EXTRA_CA_CERTS.'
}
