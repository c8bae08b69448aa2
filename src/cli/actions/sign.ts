import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { decodeJwt } from 'jose/jwt/decode'
import { addDuration, type CalendarDuration } from '../../domain/calendar'
import { type ActivationRequest, parseActivationRequest } from '../../protocol/activation-request'
import { isLicenseError } from '../../protocol/license-error'
import type { LicenseFile } from '../../protocol/license-file'
import type { StoreOptions } from '../commands/store-options'
import { CommandFailure, UsageError } from '../failure'
import { findProduct } from '../find-product'
import { type OpenStore, withStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { writePrivateFile } from '../private-file'
import { cell, formatFields } from '../table'

export interface SignOptions extends StoreOptions {
  /** A license key. Default: the one in the request. */
  readonly license?: string
  readonly ttl?: CalendarDuration
  /** A file. Default: standard output. */
  readonly out?: string
}

/** Answers an activation request from a host without network with a license file. */
export async function sign(requestFile: string, options: SignOptions): Promise<void> {
  const request = await readRequest(requestFile)
  const licenseKey = options.license ?? request.licenseKey
  if (licenseKey === undefined) throw new UsageError('the request names no license: say which with --license')
  await withStore(options, async (store) => {
    const licenseFile = await signRequest(store, licenseKey, request, options.ttl)
    if (options.out === undefined) printFile(licenseFile, options)
    else await writeFile(options.out, licenseFile, request, options)
  })
}

/** @throws {CommandFailure} when the file cannot be read or is no request */
async function readRequest(file: string): Promise<ActivationRequest> {
  const text = await readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new CommandFailure(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`)
  })
  try {
    return parseActivationRequest(text)
  } catch (error) {
    throw isLicenseError(error) ? new CommandFailure(`${file}: ${error.message}`) : error
  }
}

async function signRequest(
  store: OpenStore,
  licenseKey: string,
  { productId, hostId }: ActivationRequest,
  ttl: CalendarDuration | undefined,
): Promise<LicenseFile> {
  // With a product of another store, the license would seem to be missing; this names the product as the fault.
  await findProduct(store, productId)
  const input = { productId, hostId, ...(ttl && { ttlSeconds: secondsFromNow(ttl) }) }
  return store.licensing.licenses.sign(licenseKey, input).catch((error: unknown) => {
    const ttlIsMissing = ttl === undefined && isLicenseError(error, 'INVALID_REQUEST') && error.detail.field === 'ttl'
    throw ttlIsMissing
      ? new UsageError('the license never expires: say with --ttl how long the file is to be good for')
      : error
  })
}

function secondsFromNow(duration: CalendarDuration): number {
  const now = new Date()
  return (addDuration(now, duration).getTime() - now.getTime()) / 1000
}

function printFile(licenseFile: LicenseFile, { json }: SignOptions): void {
  if (json) printJson(licenseFile)
  else print(JSON.stringify(licenseFile, null, 2))
}

async function writeFile(
  out: string,
  licenseFile: LicenseFile,
  { productId, hostId, appName }: ActivationRequest,
  { json }: SignOptions,
): Promise<void> {
  await writePrivateFile(out, `${JSON.stringify(licenseFile, null, 2)}\n`)
  const file = resolve(out)
  const { signedKey } = licenseFile
  const goodUntil = endOf(licenseFile)
  if (json) return printJson({ file, licenseKey: signedKey, productId, hostId, appName, goodUntil })
  print(
    formatFields([
      ['License file', paint('bold', cell(file))],
      ['Good until', cell(goodUntil)],
      ['License key', cell(signedKey)],
      ['Host', cell(hostId)],
      ['App', cell(appName)],
      ['Product', cell(productId)],
    ]),
  )
}

function endOf({ licenseToken }: LicenseFile): Date {
  return new Date((decodeJwt(licenseToken).exp ?? 0) * 1000)
}
