import { revocationId } from 'keyslot/protocol'
import type { Fixture } from './harness'
import { verifyIndependently } from './independent-verifier'

/** Whether the revocation list of all products ends a license token, as a client judges it. */
export async function isRevoked(fixture: Fixture, licenseToken: string, now = fixture.clock.now): Promise<boolean> {
  const { lid, machine, stamp, cnf } = verifyIndependently(licenseToken, fixture.licensing.jwks).claims
  const named = [String(lid), String(machine)] as const
  const ids = [revocationId(named[0]), revocationId(...named)]
  if (cnf !== undefined) ids.push(revocationId(...named, (cnf as { jkt: string }).jkt))
  const entries = (await fixture.store.listRevocations(now, null)) ?? []
  return entries.some((entry) => ids.includes(entry.id) && entry.stamp >= Number(stamp))
}
