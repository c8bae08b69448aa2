import express from 'express'
import {
  type AccountApi,
  type CreatedLicense,
  type CreateLicenseInput,
  createKeyring,
  createLicensing,
  isLicenseError,
  type Keyring,
  type LicenseError,
  type LicenseErrorCode,
  type Licensing,
  type LicensingEvent,
  type LicensingOptions,
  verifyWebhook,
  type WebhookEvent,
} from 'keyslot/server'
import type { Storage } from 'keyslot/storage'
import { describe, expectTypeOf, it } from 'vitest'

describe('the types of keyslot/server', () => {
  it('ask for a storage and a keyring, and for nothing else', () => {
    expectTypeOf<LicensingOptions['storage']>().toEqualTypeOf<Storage>()
    expectTypeOf<LicensingOptions['keyring']>().toEqualTypeOf<Keyring>()
    expectTypeOf<{ storage: Storage; keyring: Keyring }>().toExtend<LicensingOptions>()
    expectTypeOf<{ storage: Storage }>().not.toExtend<LicensingOptions>()
    expectTypeOf(createLicensing).parameters.toEqualTypeOf<[LicensingOptions]>()
    expectTypeOf(createLicensing).returns.resolves.toEqualTypeOf<Licensing>()
    expectTypeOf(createKeyring).returns.toEqualTypeOf<Keyring>()
  })

  it('let Express take the router and the error handler', () => {
    const mount = (licensing: Licensing) => express().use('/licensing', licensing.router).use(licensing.errorHandler)
    expectTypeOf(mount).parameters.toEqualTypeOf<[Licensing]>()
  })

  it('make a license from a product alone', () => {
    expectTypeOf<{ productId: string }>().toExtend<CreateLicenseInput>()
    expectTypeOf<Licensing>().toExtend<AccountApi>()
    expectTypeOf<Licensing['licenses']['create']>().parameters.toEqualTypeOf<[CreateLicenseInput]>()
    expectTypeOf<Licensing['licenses']['create']>().returns.resolves.toEqualTypeOf<CreatedLicense>()
    expectTypeOf<CreatedLicense['license']['expiresAt']>().toEqualTypeOf<Date | null>()
  })

  it('know the type of the event that a listener is called with', () => {
    const listen = (licensing: Licensing) => {
      licensing.on('license.activated', (event) => {
        expectTypeOf(event).toExtend<LicensingEvent>()
        expectTypeOf(event.type).toEqualTypeOf<'license.activated'>()
      })
      // @ts-expect-error there is no such event
      licensing.on('license.eaten', () => undefined)
    }
    expectTypeOf(listen).returns.toBeVoid()
  })

  it('narrow an unknown error, and list its codes', () => {
    const read = (error: unknown) => {
      if (isLicenseError(error)) expectTypeOf(error).toEqualTypeOf<LicenseError>()
    }
    expectTypeOf(read).parameters.toEqualTypeOf<[unknown]>()
    expectTypeOf<LicenseError>().toExtend<Error>()
    expectTypeOf<LicenseError['code']>().toEqualTypeOf<LicenseErrorCode>()
    expectTypeOf<LicenseError['detail']['retryAfterSeconds']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<'LICENSE_NOT_FOUND'>().toExtend<LicenseErrorCode>()
    expectTypeOf<string>().not.toExtend<LicenseErrorCode>()
  })

  it('read a webhook from its raw body', () => {
    expectTypeOf(verifyWebhook).parameter(0).toEqualTypeOf<string | Uint8Array>()
    expectTypeOf(verifyWebhook).returns.toEqualTypeOf<WebhookEvent>()
  })
})
