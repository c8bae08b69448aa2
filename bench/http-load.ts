import autocannon from 'autocannon'

/** A server under load, and what to ask it for. */
export interface Target {
  readonly url: string
  readonly productId: string
  readonly token: string
  /** The license key of the request with this number. */
  readonly keyOf: (serial: number) => string
}

export interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

export type Path = '/activate-key' | '/deactivate-key'

export const CONNECTIONS = 50

/** Sends `amount` requests, each for the next host; refuses to report a run in which one of them failed. */
export async function load(target: Target, path: Path, amount: number, hostPrefix: string): Promise<Sample> {
  let next = 0
  const startedAt = performance.now()
  // autocannon itself notices the end only at its next tick, a second apart.
  let endedAt = startedAt
  const options: autocannon.Options = {
    url: target.url,
    connections: CONNECTIONS,
    amount,
    requests: [
      {
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
        setupRequest(request) {
          const serial = next++
          const body = JSON.stringify({
            productId: target.productId,
            licenseKey: target.keyOf(serial),
            hostId: `${hostPrefix}-${serial}`,
          })
          return { ...request, body }
        },
      },
    ],
  }
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)))
    running.on('response', () => {
      endedAt = performance.now()
    })
  })
  const seconds = (endedAt - startedAt) / 1000
  if (result['2xx'] !== amount || result.errors > 0) {
    throw new Error(
      `${path}: ${result['2xx']} of ${amount} succeeded, ${result.non2xx} refused, ${result.errors} failed`,
    )
  }
  return { perSecond: amount / seconds, p50: result.latency.p50, p99: result.latency.p99 }
}
