import { LicenseError, type LicenseErrorCode } from '../../protocol'
import { errorSentence, knownCode } from '../words/error-sentences'
import type { Answer } from './answer'
import { explain } from './explain'
import { isCertificateDated, isCertificateRefused } from './system-code'

type Failure = Exclude<Answer, { kind: 'success' }>

const REFUSED_BY_PROXY = /^PROXY_ANSWERED_(\d+)$/

/** The error that a call throws for an answer that was no success. Its `cause` tells a developer what was asked and said. */
export function errorFor(answer: Failure): LicenseError {
  const { status } = answer
  const code = knownCode(answer.code)
  const { retryAfterSeconds, systemCode, issuer } = answer.kind === 'inconclusive' ? answer : {}
  const detail = {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(issuer === undefined ? {} : { issuer }),
  }
  const sentence = systemCode === undefined ? sentenceFor(code, answer) : sentenceWith(code, systemCode, issuer)
  return new LicenseError(code, sentence, { detail, cause: new Error(explain(answer)) })
}

/** The server names the field that is at fault. Where it is not the license key, the person has done nothing wrong. */
function sentenceFor(code: LicenseErrorCode, answer: Failure): string {
  if (code === 'SERVER_UNREACHABLE' && isSomebodyElse(answer)) {
    return 'Something else than the license server answers: a sign-in page of this network, or a proxy. Please open a web page and try again.'
  }
  const isOfApp = code === 'INVALID_REQUEST' && answer.kind === 'refused' && !answer.message?.startsWith('licenseKey')
  return isOfApp ? 'The license server does not understand this app. An update may help.' : errorSentence(code)
}

/** Whether a page came that is none of ours; a busy server answers so, too, above 499. */
function isSomebodyElse({ kind, status = 0 }: Failure): boolean {
  return kind === 'inconclusive' && status >= 200 && status < 500
}

function sentenceWith(code: LicenseErrorCode, systemCode: string, issuer: string | undefined): string {
  const refusedByProxy = REFUSED_BY_PROXY.exec(systemCode)
  if (refusedByProxy !== null) {
    return `The proxy on the way to the license server refuses the connection (${refusedByProxy[1]}). Please check the proxy settings.`
  }
  if (isCertificateDated(systemCode)) {
    return 'The certificate of the license server is not valid at the date of this computer. Please check date and time.'
  }
  // Something on the way, such as a company's proxy, opens the TLS connection.
  if (!isCertificateRefused(systemCode)) return errorSentence(code)
  const whose =
    issuer === undefined ? 'this computer does not trust' : `of “${issuer}”, which this computer does not trust`
  return `The license server shows a certificate ${whose}. A proxy may be in between: please ask whoever looks after this network; Node reads its certificate from NODE_EXTRA_CA_CERTS.`
}
