import type { Answer } from './answer'
import type { ServedEndpoint } from './endpoint'
import type { HttpRequest } from './http-request'

/** What was answered, for metrics and logs. Names no license key, no token, and no host. */
export interface AnswerTold {
  readonly method: string
  /** As it is documented, such as `/public/v1/key/{key}`: it takes one of a few dozen values. */
  readonly route: string
  readonly status: number
  /** The code of the refusal, or null. */
  readonly code: string | null
  /** From the moment at which the request reached keyslot until its answer was ready, in milliseconds. */
  readonly durationMs: number
  /** The request's header `x-request-id`, cut at 128 characters, or null. */
  readonly requestId: string | null
}

const MAX_REQUEST_ID = 128

/**
 * The endpoints as they are, but for telling each answer. What `tell` throws is logged.
 * @param tell undefined where nobody listens: then it costs nothing
 */
export function tellAnswers(
  endpoints: readonly ServedEndpoint[],
  tell: ((told: AnswerTold) => unknown) | undefined,
  logError: (error: unknown) => void,
): readonly ServedEndpoint[] {
  if (tell === undefined) return endpoints
  const telling = async (endpoint: ServedEndpoint, request: HttpRequest, answering: () => Promise<Answer>) => {
    const began = performance.now()
    const answer = await answering()
    const told = describe(endpoint, request, answer, performance.now() - began)
    // Nobody waits for the listener.
    void Promise.resolve(told).then(tell).catch(logError)
    return answer
  }
  return endpoints.map((endpoint) => ({
    ...endpoint,
    serve: (request, params) => telling(endpoint, request, () => endpoint.serve(request, params)),
    refuse: (request, error) => telling(endpoint, request, () => endpoint.refuse(request, error)),
  }))
}

function describe({ route }: ServedEndpoint, request: HttpRequest, answer: Answer, durationMs: number): AnswerTold {
  const { status = 200, headers = {} } = answer
  const given = request.headers['x-request-id']
  return {
    method: route.method,
    route: route.path,
    status,
    code: headers['Keyslot-Error'] ?? null,
    durationMs,
    requestId: typeof given === 'string' ? given.slice(0, MAX_REQUEST_ID) : null,
  }
}
