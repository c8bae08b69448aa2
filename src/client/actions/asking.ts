import { isLicenseError } from '../../protocol'
import type { OnlineContext } from '../kit-context'
import type { Contact } from '../store/cache-record'
import type { ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import { claimSlot, type SlotClaim } from './claim-slot'
import { contactNow } from './contact-now'
import { fetchRevocationList } from './fetch-revocation-list'
import { heldClaims } from './held-claims'
import { type GrantedActivation, readActivation } from './read-activation'
import { isValid } from './verdict'
import { lookAtKeySet } from './with-server-keys'

/** One call of `refresh()`: what it asks the server, within `totalTimeoutMs` altogether. */
export interface Asking {
  readonly context: OnlineContext
  readonly remainingMs: () => number
  /** Asks the server whether the license is good for this host. */
  validate(licenseKey: string, proofKey: ProofKey | undefined): Promise<Answer>
  /** Reads the activation in a good answer; undefined where its token cannot be verified, which is no answer. */
  read(answer: Answer, proofKey: ProofKey | undefined): Promise<GrantedActivation | undefined>
  /**
   * Activates the license once, and stores the result where the license is still stored.
   * @param fields what else the server is told
   * @returns why it was not activated; undefined when it was
   */
  claim(licenseKey: string, fields?: object): Promise<Contact['code'] | undefined>
  /** Fetches the revocation list, once. Best effort. */
  takeList(): Promise<void>
  /** Fetches what else the server publishes, once it has answered. Best effort. */
  takeNews(answer: Answer): Promise<void>
  /** The record of a contact that is just over. */
  contact(code: Contact['code']): Contact
}

export function createAsking(context: OnlineContext): Asking {
  const { config, post, hostId } = context
  const deadline = performance.now() + config.totalTimeoutMs
  const remainingMs = () => Math.max(1, deadline - performance.now())
  let list: Promise<void> | undefined
  const takeList = () => {
    list ??= fetchRevocationList(context, remainingMs())
    return list
  }

  return {
    context,
    remainingMs,
    takeList,
    async validate(licenseKey, proofKey) {
      // Its number tells a host from a copy of it.
      const held = await heldClaims(context)
      const { hostId: own } = await hostId()
      const body = { productId: config.productId, licenseKey, hostId: own, renewal: held?.ren, stamp: held?.stamp }
      return await post({ endpoint: config, path: '/key/validate', body, proofKey, totalTimeoutMs: remainingMs() })
    },
    async read(answer, proofKey) {
      if (!isValid(answer)) return undefined
      return await readActivation(context, answer, (await hostId()).hostId, proofKey, remainingMs()).catch(orUndefined)
    },
    async claim(licenseKey, fields = {}) {
      const slot: SlotClaim = { path: '/key/activate', licenseKey, fields, onlyWhereStored: true }
      try {
        await claimSlot(context, slot, remainingMs())
        return undefined
      } catch (error) {
        if (isLicenseError(error)) return error.code
        throw error
      }
    },
    async takeNews(answer) {
      if (answer.kind === 'inconclusive') return
      await lookAtKeySet(context, remainingMs())
      await takeList()
    },
    contact: (code) => contactNow(context, code),
  }
}

/** A token that cannot be verified is no answer: nobody trusted vouches for its key, or somebody on the way made it. */
function orUndefined(error: unknown): undefined {
  if (!isLicenseError(error)) throw error
  return undefined
}
