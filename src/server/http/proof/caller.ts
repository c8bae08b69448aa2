import type { AccessToken } from '../../../domain/access-token'
import type { Proof } from '../../../domain/proof'
import { PROOF_HEADER, RECOVERY_HEADER } from '../../../protocol/proof'
import type { RouteDefinition } from '../../../protocol/routes'
import type { Call } from '../../service/context'
import { readToken } from '../authenticate'
import type { HttpRequest } from '../http-request'
import type { ProofVerifier, ShownProof } from './verify-proof'

/** Who sends a request: see {@link Call}. */
type ProvenCaller = Pick<Call, 'proof' | 'takes'>

const HEADER = PROOF_HEADER.toLowerCase()
const RECOVERY = RECOVERY_HEADER.toLowerCase()

/**
 * What is known of whoever sends a request. A secret token acts for the vendor, and is asked for no proof. An app, which
 * everyone can take the publishable token from, is asked for one where its host is bound to a key. A proof that is shown
 * must be valid, needed or not.
 *
 * @throws {LicenseError} PROOF_INVALID or PROOF_STALE when one is shown and is not
 */
export async function readCaller(
  request: HttpRequest,
  route: RouteDefinition,
  { kind }: AccessToken,
  proofs: ProofVerifier,
): Promise<ProvenCaller> {
  const shown = await readProof(request, route, proofs)
  if (shown === undefined) return { proof: kind === 'secret' ? { trusted: true } : {} }
  const proof = { proofKey: shown.thumbprint, ...(await readRecovery(request, route, proofs, shown)) }
  if (kind === 'secret') return { proof: { trusted: true, ...proof } }
  return { proof, takes: { name: shown.name, endsAt: shown.endsAt } }
}

/** The proof that was shown; undefined where none was, or the route does not look. */
async function readProof(
  request: HttpRequest,
  route: RouteDefinition,
  proofs: ProofVerifier,
): Promise<ShownProof | undefined> {
  const shown = route.proves ? request.headersDistinct[HEADER] : undefined
  if (shown === undefined || route.authentication === 'none') return undefined
  const accessToken = readToken(request, route.authentication)
  return proofs.verify(shown, { method: request.method, path: route.path, accessToken })
}

/** The recovery key that was shown beside the other, where keys are bound. */
async function readRecovery(
  request: HttpRequest,
  route: RouteDefinition,
  proofs: ProofVerifier,
  { thumbprint: beside }: ShownProof,
): Promise<Pick<Proof, 'recoveryKey'>> {
  const shown = route.bindsKeys === true ? request.headersDistinct[RECOVERY] : undefined
  if (shown === undefined || route.authentication === 'none') return {}
  const accessToken = readToken(request, route.authentication)
  const { thumbprint } = await proofs.verify(shown, { method: request.method, path: route.path, accessToken, beside })
  return { recoveryKey: thumbprint }
}
