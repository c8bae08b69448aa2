import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { writeAtomically } from '../../files/atomic-file'
import type { LicenseErrorCode } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'
import { readSmallFile } from '../files/read-small-file'
import { isProofKey, type ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import type { Post } from '../wire/post-with-retries'
import { type Endpoint, isSafeEndpoint } from '../words/server-url'
import { isSameKey } from './same-license'
import { isTicketFile, ticketFileOf } from './ticket-file'

/**
 * A slot that was given up, by `deactivate()` or an uninstaller. The ticket holds all that the next process of the app needs
 * to free it.
 */
export interface UninstallTicket extends Endpoint {
  readonly productId: string
  readonly licenseKey: string
  readonly hostId: string
  /**
   * The same at every delivery until the server answers. The server does a repeated request only once, so that a late
   * repetition does not free a slot that was claimed again meanwhile.
   */
  readonly idempotencyKey: string
  /** The key by which the server knows this host; absent when it was activated without one. */
  readonly proofKey?: ProofKey | undefined
  /** Present when the other users of the host are to lose the slot too. */
  readonly forAll?: true
}

/** The slot that a ticket is about. */
export interface Slot {
  readonly licenseKey: string
  readonly hostId: string
}

/**
 * The result of trying to free a slot. `refused`: the server does not free it now, because the license is blocked or the
 * access token is no longer accepted. `unanswered`: no server has decided.
 */
export type Delivery = 'freed' | 'already-free' | 'kept-by-others' | 'release-pending' | 'refused' | 'unanswered'

/** The result, and when the slot is free where its release is pending. */
interface Delivered {
  readonly delivery: Delivery
  readonly releaseAt: Date | null
}

/** The tickets that are not delivered yet. Each is one small file in the data folder. No method throws. */
export interface TicketStore {
  /**
   * Writes the ticket.
   * @returns false when it could not be written, e.g. on a full disk
   */
  keep(ticket: UninstallTicket): Promise<boolean>
  /** Tries to free the slot. The ticket is kept only while the slot is still taken. */
  deliverOne(ticket: UninstallTicket, totalTimeoutMs: number): Promise<Delivered>
  /** Removes the tickets for a slot that has been claimed again. */
  discard(slot: Slot): Promise<void>
  /** Tries to free the slots of all tickets, within the time given. */
  deliver(options: { except?: Slot; totalTimeoutMs: number }): Promise<void>
}

const VERSION = 1
/** No app leaves more tickets than this. */
const MAX_DELIVERIES = 20

/** True when nothing is left to do: the slot is free, or others of this computer have it. */
export function isDone(delivery: Delivery): delivery is Exclude<Delivery, 'refused' | 'unanswered'> {
  return delivery !== 'refused' && delivery !== 'unanswered'
}

/**
 * "Device not found" and "Invalid license key" mean that the slot is free. "Proof of possession required" means that
 * somebody who activated under this host's name since holds it.
 */
const NOT_HELD: readonly LicenseErrorCode[] = ['ACTIVATION_NOT_FOUND', 'LICENSE_NOT_FOUND', 'PROOF_REQUIRED']

function deliveryOf(answer: Answer): Delivery {
  if (answer.kind === 'success') {
    const { status } = answer.body
    return status === 'kept-by-others' || status === 'release-pending' ? status : 'freed'
  }
  if (answer.kind === 'inconclusive') return 'unanswered'
  return NOT_HELD.includes(answer.code) ? 'already-free' : 'refused'
}

function releaseAtOf(answer: Answer): Date | null {
  const at = new Date(answer.kind === 'success' ? String(answer.body.releaseAt) : Number.NaN)
  return Number.isNaN(at.getTime()) ? null : at
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

  async function deliverOne(ticket: UninstallTicket, totalTimeoutMs: number): Promise<Delivered> {
    const { productId, licenseKey, hostId, idempotencyKey, proofKey, forAll } = ticket
    const body = { productId, licenseKey, hostId, ...(forAll && { forAll }) }
    const request = { endpoint: ticket, path: '/key/deactivate', body, proofKey, idempotencyKey, totalTimeoutMs }
    const answer = await post(request)
    const delivery = deliveryOf(answer)
    // For a day, the server would repeat its refusal to the same idempotency key.
    if (delivery === 'refused') await keep({ ...ticket, idempotencyKey: randomId() })
    if (delivery !== 'unanswered') await remove(ticket)
    return { delivery, releaseAt: delivery === 'release-pending' ? releaseAtOf(answer) : null }
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
    const content = parseJson(await readSmallFile(path.join(dataDir, name)).catch(() => ''))
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
    (value.forAll === undefined || value.forAll === true) &&
    isSafeEndpoint(value.serverUrl, value.allowPlainHttp)
  )
}

function isFor(ticket: UninstallTicket, slot: Slot): boolean {
  return ticket.hostId === slot.hostId && isSameKey(ticket.licenseKey, slot.licenseKey)
}
