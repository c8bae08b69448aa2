import { randomBytes } from 'node:crypto'
import { LicenseError, SIGNED_TIME_TYP } from '../../protocol'
import { isCount, isRecord } from '../../protocol/json'
import type { KitContext } from '../kit-context'
import { verifySignedPayload } from '../trust/signed-payload'
import type { FetchAnswer, FetchInit } from '../wire/fetch'
import { fetchByRoute } from '../wire/proxy/fetch-by-route'
import { readText } from '../wire/read-text'
import { errorSentence } from '../words/error-sentences'

const MAX_LENGTH = 4_096

type Asking = Pick<KitContext, 'config' | 'trustedKeys'>

/**
 * Fetches where a certificate was refused for its dates: this computer's clock may be wrong, such as with a dead battery. The
 * server is asked for the time first, over a connection whose certificate is good but for its dates. Only a nonce is sent; a
 * trusted key has signed what comes back, for that nonce. By this time the certificate is then judged, and no other way.
 *
 * @throws what `fetch` throws; the system's error of a certificate that is not good at that time
 */
export async function fetchByToldTime(context: Asking, url: string, init: FetchInit): Promise<FetchAnswer> {
  const { config } = context
  // Asked each time: what was told long ago is wrong on a computer that was paused since.
  const start = await askStart(context, init.signal)
  return await fetchByRoute(url, init, config.proxy || undefined, start + config.readClocks().uptime)
}

/** When this computer has started, by the time that the server tells now. */
async function askStart({ config, trustedKeys }: Asking, signal: AbortSignal): Promise<number> {
  const nonce = randomBytes(16).toString('base64url')
  const url = `${config.serverUrl}/.well-known/time?nonce=${nonce}`
  const asked = config.readClocks().uptime
  const init = { method: 'GET', headers: {}, redirect: 'manual', signal } as const
  const answer = await fetchByRoute(url, init, config.proxy || undefined, 'never')
  const { uptime } = config.readClocks()
  const text = ((await readText(answer, MAX_LENGTH)) ?? '').trim()
  const shape = { typ: SIGNED_TIME_TYP, issuer: config.issuer, maxLength: MAX_LENGTH }
  const claims = await verifySignedPayload(text, await trustedKeys.current(), shape)
  const isInTime = uptime - asked <= config.tryTimeoutMs / 1000
  if (!isRecord(claims) || claims.nonce !== nonce || !isCount(claims.iat) || !isInTime) {
    throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
  }
  return claims.iat - uptime
}
