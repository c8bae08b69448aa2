import type { ExpressRequest } from './express-request'

const FIRST_REQUESTS = 10_000

/**
 * Says once what a request shows of a `trust proxy` that is not true of the network: limits and allow-lists go by addresses.
 * Only the first requests are looked at.
 *
 * @returns to be called with every request
 */
export function watchForProxies(warn: (message: string) => void): (req: ExpressRequest) => void {
  let left = FIRST_REQUESTS
  const found = new Set<string>()
  const say = (message: string) => {
    if (found.has(message)) return
    found.add(message)
    warn(`keyslot: ${message}`)
  }
  return (req) => {
    if (left === 0) return
    left -= 1
    const setting = req.app?.get('trust proxy')
    if (setting === true) return say(TRUSTS_ALL)
    if (setting !== undefined && setting !== false) return
    if (req.headers['x-forwarded-for'] !== undefined) say(TRUSTS_NONE)
    if (req.socket.remoteAddress === undefined) say(NO_ADDRESS)
  }
}

const SEE = "see Express's `trust proxy`, or `keyslot serve --trust-proxy`"

const TRUSTS_ALL = `\`trust proxy\` is true, so every caller chooses its own address, and limits per address hold nobody back; name the number of proxies or their addresses instead: ${SEE}`

const TRUSTS_NONE = `a request came with X-Forwarded-For, which is not trusted. If a proxy of yours sent it, all callers share that proxy's address and its limits: ${SEE}`

const NO_ADDRESS = `a request came from no address, as over a Unix socket, and limits per address do not hold; have the proxy before it send X-Forwarded-For, and trust it: ${SEE}`
