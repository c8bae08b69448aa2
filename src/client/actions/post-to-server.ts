import { check } from '../check/check'
import type { KitContext } from '../kit-context'
import type { Answer } from '../wire/answer'
import type { Post, PostRequest } from '../wire/post-with-retries'
import { serverAddresses } from './server-address'
import { isUnknown } from './verdict'

/**
 * Posts a request to where the server is now. Where nobody is there, or somebody who knows nobody, the second address is asked
 * for statements; where they name another address, the request goes there too, within its time. An app whose license token
 * has run out asks the second address at once, since a server that hangs may use up all the time.
 */
export async function postToServer(context: KitContext, post: Post, request: PostRequest): Promise<Answer> {
  const { config } = context
  if (request.endpoint.serverUrl !== config.serverUrl) return await post(request)
  const deadline = performance.now() + request.totalTimeoutMs
  const remainingMs = () => deadline - performance.now()
  const tried: string[] = []
  const untried = async () => (await serverAddresses(context)).filter((address) => !tried.includes(address))
  const tryNext = async ([serverUrl = config.serverUrl, ...others]: readonly string[]): Promise<Answer> => {
    tried.push(serverUrl)
    const totalTimeoutMs = Math.max(1, remainingMs() / (1 + others.length))
    const answer = await post({ ...request, endpoint: { ...request.endpoint, serverUrl }, totalTimeoutMs })
    return answer.kind === 'success' ? { ...answer, serverUrl } : answer
  }

  if (config.statementsUrl !== undefined && (await hasRunOut(context))) askBeside(context)
  let answer = await tryNext(await untried())
  if (!request.signal?.aborted) await lookElsewhere(context, answer, remainingMs())
  while (isOpen(answer) && !request.signal?.aborted && remainingMs() > 0) {
    const addresses = await untried()
    if (addresses.length === 0) break
    answer = await tryNext(addresses)
  }
  return answer
}

/** Whether another address may have a better answer. */
function isOpen(answer: Answer): boolean {
  if (answer.kind === 'success') return false
  return answer.kind === 'inconclusive' || answer.code === 'INVALID_ACCESS_TOKEN' || isUnknown(answer.code)
}

async function lookElsewhere(context: KitContext, answer: Answer, remainingMs: number): Promise<void> {
  if (context.config.statementsUrl === undefined || answer.kind === 'success') return
  const { askElsewhere, isLost } = await import('./fetch-statements')
  if (await isLost(context, answer)) await askElsewhere(context, remainingMs)
}

/** Whether only a contact, or a bridge, helps. */
async function hasRunOut(context: KitContext): Promise<boolean> {
  const { status } = await check(context)
  return status === 'grace' || status === 'expired'
}

/** Nobody waits for this one; whoever asks meanwhile shares it. */
function askBeside(context: KitContext): void {
  import('./fetch-statements').then(({ askElsewhere }) => askElsewhere(context, 0)).catch(() => undefined)
}
