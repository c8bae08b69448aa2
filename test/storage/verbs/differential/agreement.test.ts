import { describe, expect, it } from 'vitest'
import { Disagreement, showLog, shrink } from './disagreement'
import { leavingPlace, type MakePlace, memoryPlace, postgresPlace, sqlitePlace } from './places'
import { play } from './play'

/**
 * The storage is asked the same things as the plain model, drawn at random from a small space of ids so that they meet,
 * and must answer alike: every outcome, and everything that is kept.
 */
const LONG_RUN = Number(process.env.DIFFERENTIAL_STEPS ?? 0)
/** A store of its own for so many steps: short logs, and many beginnings. */
const CHAPTER = 1_000

const random = Math.floor(Math.random() * 1e6)
const seeds = LONG_RUN > 0 ? chapters(LONG_RUN) : [1, 2, 3, 4, 5, 6, 7, 8, 9, random]

function chapters(steps: number): readonly number[] {
  return Array.from({ length: Math.ceil(steps / CHAPTER) }, (_, index) => random + index)
}

async function agree(seed: number, steps: number, makePlace: MakePlace): Promise<void> {
  const place = await makePlace()
  try {
    await play(seed, steps, [await place.open()])
  } catch (error) {
    if (!(error instanceof Disagreement)) throw error
    throw new Error(`${error.message}\nafter\n${showLog(await shrink(error.log, makePlace))}`)
  } finally {
    await place.leave()
  }
}

describe.each([
  { name: 'memory', makePlace: memoryPlace, steps: 400 },
  { name: 'memory, where all is left behind', makePlace: leavingPlace, steps: 400 },
  { name: 'a SQLite file', makePlace: sqlitePlace, steps: 400 },
  { name: 'PostgreSQL', makePlace: postgresPlace, steps: 100 },
])('on $name', ({ makePlace, steps }) => {
  it.each(seeds)('all answers are those of the plain model (seed %i)', async (seed) => {
    await agree(seed, LONG_RUN > 0 ? CHAPTER : steps, makePlace)
  })
})

/** What must have happened, for agreement to say anything. */
const HAPPENED = [
  ...[
    'created',
    'existing',
    'moved',
    'resumed',
    'rebound',
    'users-exceeded',
    'limit-reached',
    'proof-required',
    'blocked',
    'expired',
  ].map((kind) => `claimActivation ${kind}`),
  ...['created', 'existing', 'limit-reached', 'wrong-type', 'proof-required'].map((kind) => `claimSession ${kind}`),
  ...['renewed', 'bad-nonce', 'not-found'].map((kind) => `renewSession ${kind}`),
  ...['released', 'surrendered', 'kept', 'pending', 'not-active', 'proof-required'].map(
    (kind) => `releaseActivation ${kind}`,
  ),
  ...['created', 'key-taken', 'product-not-found', 'customer-not-found', 'email-taken'].map(
    (kind) => `insertLicenses ${kind}`,
  ),
  ...['updated', 'foreign', 'email-taken'].map((kind) => `updateLicense ${kind}`),
  ...['rate-limited', 'no-such-device', 'no-self-service', 'end-needed'].map((kind) => `claimActivation ${kind}`),
  ...['released', 'no-self-service', 'rate-limited', 'not-active'].map((kind) => `releaseDevice ${kind}`),
  ...['valid', 'not-activated', 'proof-required', 'wrong-product'].map((kind) => `validateActivation ${kind}`),
  ...['started', 'existing', 'not-offered', 'expired'].map((kind) => `startTrial ${kind}`),
  ...[
    'claimActivation idempotency-mismatch',
    'insertAccount exists',
    'deleteCustomer deleted',
    'rotateWebhookSecret updated',
  ],
  ...['releaseSession released', 'releaseUnseen released', 'redeliver queued', 'deleteWebhookEndpoint deleted'],
  ...['incomplete', 'token-taken'].map((kind) => `updateProduct ${kind}`),
  ...['resetLicense reset', 'deleteLicense deleted', 'releaseAllActivations released'],
]

it('the steps of the short run come to nearly everything that they can come to', async () => {
  const runs = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 19, 28].map((seed) => play(seed, 400, [])),
  )
  const seen = new Set(runs.flatMap((run) => [...run.seen.keys()]))
  expect(HAPPENED.filter((one) => !seen.has(one))).toEqual([])
})
