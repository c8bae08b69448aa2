import {
  createLicenseKit,
  type GraceCheck,
  type LicenseCheck,
  type LicenseDetails,
  type LicenseKit,
  type LicenseKitOptions,
  type RevokedCheck,
  type ValidCheck,
} from 'keyslot/client'
import type { Licensing } from 'keyslot/server'
import { describe, expectTypeOf, it } from 'vitest'

describe('the types of keyslot/client', () => {
  it('make a kit from its options', () => {
    expectTypeOf(createLicenseKit).parameters.toEqualTypeOf<[LicenseKitOptions]>()
    expectTypeOf(createLicenseKit).returns.toEqualTypeOf<LicenseKit>()
  })

  it('take the keys that the server publishes', () => {
    expectTypeOf<Licensing['jwks']['keys']>().toExtend<LicenseKitOptions['trustedKeys']>()
  })

  it('answer every question about the license in one shape', () => {
    expectTypeOf<LicenseKit['check']>().toEqualTypeOf<() => Promise<LicenseCheck>>()
    expectTypeOf<LicenseKit['refresh']>().returns.resolves.toEqualTypeOf<LicenseCheck>()
    expectTypeOf<LicenseKit['start']>().returns.resolves.toEqualTypeOf<LicenseCheck>()
    expectTypeOf<LicenseKit['activate']>().returns.resolves.toEqualTypeOf<LicenseCheck>()
    expectTypeOf<LicenseKit['importLicenseFile']>().returns.resolves.toEqualTypeOf<LicenseCheck>()
  })

  it('tell by the status what else is known', () => {
    expectTypeOf<LicenseCheck['status']>().toEqualTypeOf<
      | 'valid'
      | 'grace'
      | 'expired'
      | 'clock-tampered'
      | 'not-activated'
      | 'revoked'
      | 'wrong-host'
      | 'wrong-product'
      | 'untrusted'
    >()
    expectTypeOf<Extract<LicenseCheck, { status: 'valid' }>>().toEqualTypeOf<ValidCheck>()
    expectTypeOf<Extract<LicenseCheck, { status: 'revoked' }>>().toEqualTypeOf<RevokedCheck>()
  })

  it('grant use where the license is valid or in grace, and then know its details', () => {
    type Usable = Extract<LicenseCheck, { usable: true }>
    expectTypeOf<Usable>().toEqualTypeOf<ValidCheck | GraceCheck>()
    expectTypeOf<Usable['license']>().toEqualTypeOf<LicenseDetails>()
    expectTypeOf<Usable['expiresAt']>().toEqualTypeOf<Date | null>()
  })
})
