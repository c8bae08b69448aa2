import type { OnlineContext } from '../kit-context'
import { untilAborted } from '../wire/until-aborted'

/**
 * Does what talks to the server until a signal is aborted: requests end with it, and the call rejects with its reason.
 * @throws the signal's reason; what the work throws
 */
export async function withSignal<T>(
  context: OnlineContext,
  signal: AbortSignal | undefined,
  work: (context: OnlineContext) => Promise<T>,
): Promise<T> {
  const scoped = signal === undefined ? context : { ...context, post: withOwn(context, signal) }
  return await untilAborted(() => work(scoped), signal)
}

function withOwn({ post }: OnlineContext, signal: AbortSignal): OnlineContext['post'] {
  return (request) => post({ ...request, signal })
}
