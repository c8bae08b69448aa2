import type { Activation } from '../../domain/activation'
import { lookFor } from './facts'
import { ofItsLicense } from './generations'
import type { LicenseVerbs } from './license-contract'
import { lookForTarget, OWN_CUSTOMER, targetOf } from './license-target'
import { PAGE_ROWS, readOn } from './read-on'
import { type Keeping, look } from './run-step'

/** Describes a license with its newest activations, at most `devices` of them. */
export async function describeLicense(
  keeping: Keeping,
  ...[accountId, target, devices, products]: Parameters<LicenseVerbs['describeLicense']>
): ReturnType<LicenseVerbs['describeLicense']> {
  const limit = Math.min(devices, PAGE_ROWS)
  const newest = lookFor('activation', { by: 'newest', equal: ofItsLicense('activation'), limit })
  const queries = lookForTarget(target, { ...OWN_CUSTOMER, newest })
  const { named, facts } = await look(keeping, queries, (answers, read) => ({
    named: targetOf(read, answers, accountId, target, products),
    facts: read,
  }))
  if ('kind' in named) return named
  const { license, customer, found } = named
  const first = found.followed.newest?.rows ?? []
  const pick = (page: readonly Activation[]) => page
  const walk = { of: 'activation', by: 'newest', license: found, first, pick, most: devices } as const
  return { kind: 'found', license, customer, activations: await readOn(keeping, facts, walk) }
}
