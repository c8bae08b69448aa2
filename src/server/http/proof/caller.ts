import type { AccessToken } from '../../../domain/access-token'
import type { Proof } from '../../../domain/proof'
import { PROOF_HEADER } from '../../../protocol/proof'
import type { RouteDefinition } from '../../../protocol/routes'
import { readToken } from '../authenticate'
import type { HttpRequest } from '../http-request'
import type { ProofVerifier } from './verify-proof'

const HEADER = PROOF_HEADER.toLowerCase()

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
): Promise<Proof> {
  const proofKey = await readProofKey(request, route, proofs)
  return { ...(kind === 'secret' && { trusted: true }), ...(proofKey !== undefined && { proofKey }) }
}

/** The thumbprint of the key that was shown; undefined where none was, or the route does not look. */
async function readProofKey(
  request: HttpRequest,
  route: RouteDefinition,
  proofs: ProofVerifier,
): Promise<string | undefined> {
  const shown = route.proves ? request.headersDistinct[HEADER] : undefined
  if (shown === undefined || route.authentication === 'none') return undefined
  const accessToken = readToken(request, route.authentication)
  return proofs.verify(shown, { method: request.method, path: route.path, accessToken })
}
