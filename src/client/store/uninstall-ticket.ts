import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import type { LicenseErrorCode } from '../../protocol'
import { writeAtomically } from '../files/atomic-file'
import { isProofKey, type ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import type { Post } from '../wire/transport'
import { isRecord } from '../words/claims'
import { assertServerUrl, type Endpoint } from '../words/server-url'
import { parseJson } from './cache-record'
import { isSameKey } from './same-license'
import { isTicketFile, ticketFileOf } from './ticket-file'

/** A slot somebody gave up: enough to free it, by whichever process of the app runs next. */
export interface UninstallTicket extends Endpoint {
  readonly productId: string
  readonly licenseKey: string
  readonly hostId: string
  /**
   * The same at every delivery until the server answers: repeating what was done already has no second effect, so that
   * a late repetition does not free a slot claimed anew.
   */
  readonly idempotencyKey: string
  /** The key the server knows this host by; absent where it was activated without one. */
  readonly proofKey?: ProofKey | undefined
}

/** Names the slot a ticket is about. */
export interface Slot {
  readonly licenseKey: string
  readonly hostId: string
}

/**
 * What came of trying to free a slot. `refused`: the server will not now, a blocked license or an access token no
 * longer accepted. `unanswered`: nobody decided.
 */
export type Delivery = 'freed' | 'already-free' | 'refused' | 'unanswered'

/** The tickets not delivered yet, one small file each. No method throws. */
export interface TicketStore {
  /** @returns whether it could be written */
  keep(ticket: UninstallTicket): Promise<boolean>
  /** Tries to free the slot, and keeps the ticket only where it is still taken. */
  deliverOne(ticket: UninstallTicket, totalTimeoutMs: number): Promise<Delivery>
  /** Forgets the tickets for a slot that has been claimed again. */
  discard(slot: Slot): Promise<void>
  /** Frees what the tickets name, within the time given. */
  deliver(options: { except?: Slot; totalTimeoutMs: number }): Promise<void>
}

const VERSION = 1
/** More than this at once has no honest cause. */
const MAX_DELIVERIES = 20

/** True where the host holds the slot no longer. */
export function isFree(delivery: Delivery): delivery is 'freed' | 'already-free' {
  return delivery === 'freed' || delivery === 'already-free'
}

/**
 * "Device not found" and "Invalid license key" mean that no slot is held any more; "Proof of possession required", that
 * whoever activated this host anew holds it.
 */
const NOT_HELD: readonly LicenseErrorCode[] = ['ACTIVATION_NOT_FOUND', 'LICENSE_NOT_FOUND', 'PROOF_REQUIRED']

function deliveryOf(answer: Answer): Delivery {
  if (answer.kind === 'success') return 'freed'
  if (answer.kind === 'inconclusive') return 'unanswered'
  return NOT_HELD.includes(answer.code) ? 'already-free' : 'refused'
}

export function createTicketStore(dataDir: string | undefined, post: Post, randomId: () => string): TicketStore {
  async function keep(ticket: UninstallTicket): Promise<boolean> {
    if (dataDir === undefined) return false
    const text = `${JSON.stringify({ version: VERSION, ...ticket }, null, 2)}\n`
    return await writeAtomically(path.join(dataDir, ticketFileOf(ticket)), text).catch(() => false)
  }

  async function remove(ticket: UninstallTicket): Promise<void> {
    if (dataDir !== undefined)
      await rm(path.join(dataDir, ticketFileOf(ticket)), { force: true }).catch(() => undefined)
  }

  async function deliverOne(ticket: UninstallTicket, totalTimeoutMs: number): Promise<Delivery> {
    const { productId, licenseKey, hostId, idempotencyKey, proofKey } = ticket
    const body = { productId, licenseKey, hostId }
    const request = { endpoint: ticket, path: '/key/deactivate', body, proofKey, idempotencyKey, totalTimeoutMs }
    const delivery = deliveryOf(await post(request))
    // The server would repeat its refusal to the same idempotency key for a day.
    if (delivery === 'refused') await keep({ ...ticket, idempotencyKey: randomId() })
    if (delivery !== 'unanswered') await remove(ticket)
    return delivery
  }

  return {
    keep,
    deliverOne,
    async discard(slot) {
      for (const ticket of await readTickets(dataDir)) if (isFor(ticket, slot)) await remove(ticket)
    },
    async deliver({ except, totalTimeoutMs }) {
      const deadline = performance.now() + totalTimeoutMs
      for (const ticket of await readTickets(dataDir)) {
        if (except !== undefined && isFor(ticket, except)) continue
        const remainingMs = deadline - performance.now()
        if (remainingMs <= 0) return
        await deliverOne(ticket, remainingMs)
      }
    },
  }
}

async function readTickets(dataDir: string | undefined): Promise<UninstallTicket[]> {
  if (dataDir === undefined) return []
  const names = await readdir(dataDir).catch(() => [])
  const tickets: UninstallTicket[] = []
  for (const name of names.filter(isTicketFile).slice(0, MAX_DELIVERIES)) {
    const content = parseJson(await readFile(path.join(dataDir, name), 'utf8').catch(() => ''))
    if (isTicket(content) && name === ticketFileOf(content)) tickets.push(content)
  }
  return tickets
}

function isTicket(value: unknown): value is UninstallTicket & { version: number } {
  if (!isRecord(value) || value.version !== VERSION || typeof value.allowPlainHttp !== 'boolean') return false
  const texts = ['serverUrl', 'accessToken', 'productId', 'licenseKey', 'hostId', 'idempotencyKey']
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    (value.proofKey === undefined || isProofKey(value.proofKey)) &&
    isSafeEndpoint(value.serverUrl, value.allowPlainHttp)
  )
}

/** What a file says is held to the same rule as what an option says. */
export function isSafeEndpoint(serverUrl: unknown, allowPlainHttp: boolean): boolean {
  try {
    assertServerUrl(serverUrl, allowPlainHttp)
    return true
  } catch {
    return false
  }
}

function isFor(ticket: UninstallTicket, slot: Slot): boolean {
  return ticket.hostId === slot.hostId && isSameKey(ticket.licenseKey, slot.licenseKey)
}
