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

/** What is asked, in this order: each path finds what the one before has left. */
export const ASKED = {
  activate: '/activate-key',
  again: '/activate-key',
  get: '/get-key',
  deactivate: '/deactivate-key',
} as const

export type Asked = keyof typeof ASKED

/** Sends `amount` requests, each for the next host; refuses to report a run in which one of them failed. */
export async function load(
  target: Target,
  asked: Asked,
  { amount, connections, hosts }: { readonly amount: number; readonly connections: number; readonly hosts: string },
): Promise<Sample> {
  let next = 0
  const startedAt = performance.now()
  // autocannon itself notices the end only at its next tick, a second apart.
  let endedAt = startedAt
  const took: number[] = []
  const bodies = Array.from({ length: amount }, (_, serial) =>
    JSON.stringify({
      productId: target.productId,
      licenseKey: target.keyOf(serial),
      ...(asked === 'get' ? {} : { hostId: `${hosts}-${serial}` }),
    }),
  )
  const options: autocannon.Options = {
    url: target.url,
    connections,
    amount,
    requests: [
      {
        method: 'POST',
        path: ASKED[asked],
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
        setupRequest: (request) => ({ ...request, body: bodies[next++] ?? '' }),
      },
    ],
  }
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)))
    running.on('response', (_client, _status, _bytes, milliseconds) => {
      took.push(milliseconds)
      endedAt = performance.now()
    })
  })
  if (result['2xx'] !== amount || result.errors > 0) {
    throw new Error(
      `${asked}: ${result['2xx']} of ${amount} succeeded, ${result.non2xx} refused, ${result.errors} failed`,
    )
  }
  took.sort((a, b) => a - b)
  return { perSecond: (amount * 1000) / (endedAt - startedAt), p50: quantile(took, 0.5), p99: quantile(took, 0.99) }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN
}
