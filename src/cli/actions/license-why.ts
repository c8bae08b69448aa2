import { type License, refuseLicense } from '../../domain/license'
import type { LicenseErrorCode } from '../../protocol/error-codes'
import { definitionOf } from '../../protocol/errors'
import type { LicenseDescription, LicensingEvent } from '../../server/index'
import { claimRefused } from '../../server/service/refusals'
import type { StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { presentLicense } from '../license-view'
import { readStore, withStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { cell, formatTable } from '../table'

const LATELY = 30

/** Says why a customer is refused, and what happened lately. */
export function explainLicense(licenseKey: string, options: StoreOptions): Promise<void> {
  return readStore(options, async (store) => {
    const { licensing } = store
    const description = await licensing.licenses.get(licenseKey)
    const { license } = description
    const seats = license.type === 'floating' ? (await licensing.licenses.sessions(licenseKey, ONE)).total : 0
    const refusal = refusalOf(description, seats)
    const { items } = await licensing.events.list({ licenseId: license.id, newestFirst: true }, { limit: LATELY })
    if (options.json) return printJson({ refusal, events: items.map(({ accountId: _, ...event }) => event) })
    print(`${sentenceOf(refusal, license)}\n`)
    await presentLicense(store, licenseKey, {})
    if (items.length > 0) print(`\n${formatTable(['AT', 'LATELY', 'BY', 'ADDRESS', 'ABOUT'], items.map(toRow))}`)
    print(`\n${hintOf(license)}`)
  })
}

const ONE = { limit: 1 }

interface FreeOptions extends StoreOptions {
  readonly hostId?: string
  readonly session?: string
}

/** Frees the slot of one host, or ends one session. */
export function freeHost(licenseKey: string, { hostId, session, ...options }: FreeOptions): Promise<void> {
  if ((hostId === undefined) === (session === undefined)) throw new UsageError('say which: --host-id or --session')
  return withStore(options, async ({ licensing }) => {
    await (hostId === undefined
      ? licensing.licenses.endSession(licenseKey, session ?? '')
      : licensing.licenses.releaseHost(licenseKey, hostId))
    if (options.json) printJson({ hostId: hostId ?? null, session: session ?? null, freed: true })
    else
      print(
        hostId === undefined ? `The session ${cell(session)} has ended.` : `The slot of host ${cell(hostId)} is free.`,
      )
  })
}

/** What a host that has no slot yet would be answered; null where it would be let in. */
function refusalOf({ license, customer }: LicenseDescription, seats: number): LicenseErrorCode | null {
  const refusal = refuseLicense(license, customer, new Date())
  if (refusal !== undefined) return claimRefused(refusal).code
  const [taken, most] =
    license.type === 'floating'
      ? [seats, license.maxConcurrentSessions]
      : [license.activationCount, license.maxActivations]
  return most !== null && taken >= most ? 'ACTIVATION_LIMIT_REACHED' : null
}

function sentenceOf(refusal: LicenseErrorCode | null, { allowedHosts }: License): string {
  if (refusal === null) {
    const which = allowedHosts === null ? 'A new host' : `A new host out of the ${allowedHosts.length} that are allowed`
    return paint('green', `${which} would be let in.`)
  }
  const { what, whatToDo } = definitionOf(refusal)
  return `${paint('red', `A new host would be refused: ${refusal}.`)} ${what} ${whatToDo}`
}

function hintOf({ type }: License): string {
  return type === 'floating'
    ? 'keyslot license free LICENSE-KEY --session ID frees a seat now; by itself it is free when its lease ends.'
    : 'keyslot license free LICENSE-KEY --host-id ID frees a slot. A customer can do so where the product has --self-service.'
}

function toRow({ at, type, actor, data }: LicensingEvent): readonly string[] {
  const about = Object.entries(data)
    .filter(([name]) => name !== 'productId')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [cell(at), type, cell(actor.id), cell(actor.address), cell(about.join(', '))]
}
