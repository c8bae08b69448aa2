import { randomUUID } from 'node:crypto'
import { releaseSlot } from '../actions/release-slot'
import { assertAppName, resolveDataDir } from '../files/data-dir'
import { createReadClocks } from '../host/system-clocks'
import { DEFAULTS, systemFetch, systemNow } from '../options'
import { createTokenCache } from '../store/license-on-disk'
import { createTicketStore } from '../store/uninstall-ticket'
import { createTransport } from '../wire/post-with-retries'
import { type DeactivateResult, NOTHING_TO_FREE } from '../words/deactivate-result'
import type { UninstallOptions } from './uninstall-options'

/** Frees the slot that the cache file names; `runUninstall` loads this and bounds its time. */
export async function uninstallHost(options: UninstallOptions, timeoutMs: number): Promise<DeactivateResult> {
  const dataDir = resolveDataDir(assertAppName(options.appName), options.dataDir)
  const cache = createTokenCache(dataDir, options.secretStore)
  const { state } = await cache.read()
  // A license that this process cannot open stays stored: the app may open it when it is installed again.
  if (state.kind === 'none' && state.reason === 'CACHE_SEALED') return NOTHING_TO_FREE
  const activation = state.kind === 'activation' ? state.activation : undefined
  const post = createTransport({
    fetch: options.fetch ?? systemFetch,
    now: systemNow,
    readClocks: createReadClocks(systemNow),
    random: Math.random,
    tryTimeoutMs: DEFAULTS.tryTimeoutMs,
    maxTries: DEFAULTS.maxTries,
  })
  const tickets = createTicketStore(dataDir, post, randomUUID)
  return await releaseSlot({ dataDir, cache, tickets, randomId: randomUUID }, activation, timeoutMs, options)
}
