import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../answer'
import type { ServedEndpoint } from '../endpoint'
import { createMatcher } from '../match-route'
import { type ExpressRequest, RequestOfExpress, splitTarget } from './express-request'
import { toBodyError } from './parser-error'
import { watchForProxies } from './proxy-warnings'
import { writeAnswer } from './write-answer'

/** An Express request handler, typed so that Express 4 and 5 both take it. */
export type Router = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** An Express error handler, typed so that Express 4 and 5 both take it. */
export type ErrorHandler = (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Answers what is asked of the endpoints; every other path, or method, goes on to the host app untouched. */
export function createRouter(endpoints: readonly ServedEndpoint[], warn: (message: string) => void): Router {
  const matcher = createMatcher(endpoints)
  const watch = watchForProxies(warn)
  return (req: ExpressRequest, res, next) => {
    const target = splitTarget(req.url)
    const matched = matcher.match(req.method ?? 'GET', target.path)
    if (matched !== undefined) {
      watch(req)
      const { endpoint, params } = matched
      const answer = endpoint.serve(new RequestOfExpress(req, target), params)
      return void answer.then((given) => writeAnswer(res, given)).catch(next)
    }
    const methods = req.method === 'OPTIONS' ? matcher.methodsOf(target.path) : []
    if (methods.length === 0) next()
    else writeAnswer(res, tellMethods(methods))
  }
}

/** As Express answers `OPTIONS` for its own routes. */
function tellMethods(methods: readonly string[]): Answer {
  const text = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort().join(', ')
  const headers = { 'Content-Type': 'text/plain', 'X-Content-Type-Options': 'nosniff' }
  return { body: text, headers: { Allow: text, ...headers } }
}

/**
 * Keeps the families' error shapes where the host app parses bodies before our router and fails. Such a request has
 * passed by whatever the app has put between its parser and our router, so nothing is done for it, even where the route
 * takes no body. Errors of other paths, and other kinds of error, go on to the app's handlers.
 *
 * @param mountPath where the router is mounted; undefined where that is not known: any path that ends like one of ours
 */
export function createErrorHandler(endpoints: readonly ServedEndpoint[], mountPath: string | undefined): ErrorHandler {
  const matcher = createMatcher(endpoints)
  return (error, req: ExpressRequest, res, next) => {
    const bodyError = res.headersSent ? undefined : toBodyError(error)
    if (bodyError === undefined) return next(error)
    const target = splitTarget(req.originalUrl ?? req.url)
    const endpoint = matcher.matchMounted(req.method ?? 'GET', target.path, mountPath)?.endpoint
    if (endpoint === undefined) return next(error)
    const answer = endpoint.refuse(new RequestOfExpress(req, target), bodyError)
    void answer.then((given) => writeAnswer(res, given)).catch(next)
  }
}
