import type { KitContext, OnlineContext } from '../kit-context'
import type { CachedActivation } from '../store/cache-record'
import { createTicketStore } from '../store/uninstall-ticket'
import type { Judge } from '../wire/evidence'
import type { Fetch } from '../wire/fetch'
import { createTransport, type Post } from '../wire/post-with-retries'
import { isCertificateDated, systemCodeOf } from '../wire/system-code'
import type { DeactivateOptions, DeactivateResult } from '../words/deactivate-result'
import type { LicenseCheck } from '../words/license-check'
import { type ActivateOptions, activate, startTrial, type TrialOptions } from './activate'
import { judgeAnswer } from './judge-answer'
import { postToServer } from './post-to-server'
import { refresh } from './refresh'
import { releaseSlot } from './release-slot'

/** The part of a kit that talks to the server. */
export interface Online {
  /** For the parts of the kit that are loaded by themselves. */
  readonly context: OnlineContext
  activate(licenseKey?: string, options?: ActivateOptions): Promise<LicenseCheck>
  startTrial(options?: TrialOptions): Promise<LicenseCheck>
  refresh(): Promise<LicenseCheck>
  /** See `releaseSlot`. */
  release(
    activation: CachedActivation | undefined,
    totalTimeoutMs: number,
    options: DeactivateOptions,
  ): Promise<DeactivateResult>
}

/** Makes that part. It is loaded with the first call that needs it, since most starts of an app only check. */
export function createOnline(given: KitContext): Online {
  const kit: KitContext = { ...given, config: { ...given.config, fetch: createPatientFetch(given) } }
  const judge: Judge = (answer, evidence) => judgeAnswer(kit, answer, evidence)
  const onDate = (serverTime: Date) => {
    kit.boot.serverAheadSeconds = (serverTime.getTime() - kit.config.now().getTime()) / 1000
  }
  const transport = createTransport({ ...kit.config, random: kit.random, judge, onDate })
  const post: Post = (request) => postToServer(kit, transport, request)
  const context: OnlineContext = { ...kit, post, tickets: createTicketStore(kit.dataDir, post, kit.randomId) }
  return {
    context,
    activate: (licenseKey, options) => activate(context, licenseKey, options),
    startTrial: (options) => startTrial(context, options),
    refresh: () => refresh(context),
    release: (activation, totalTimeoutMs, options) => releaseSlot(context, activation, totalTimeoutMs, options),
  }
}

/** The kit's `fetch`; where a certificate is refused for its dates, the server is asked what time it is. */
function createPatientFetch(context: KitContext): Fetch {
  const { fetch, ownFetch } = context.config
  if (ownFetch) return fetch
  return async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (!isCertificateDated(systemCodeOf(error).systemCode ?? '')) throw error
      const { fetchByToldTime } = await import('./fetch-by-told-time')
      return await fetchByToldTime(context, url, init).catch(() => {
        throw error
      })
    }
  }
}
