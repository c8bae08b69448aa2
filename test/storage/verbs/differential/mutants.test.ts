import { describe, expect, it, vi } from 'vitest'
import type { ClaimFacts, decideClaim } from '../../../../src/domain/decide-claim'
import { playBursts, Unexplained } from './bursts'
import { Disagreement } from './disagreement'
import { type Mutant, mutants } from './mutants'
import { memoryPlace } from './places'
import { play } from './play'

const broken = vi.hoisted((): { claim?: (real: typeof decideClaim) => typeof decideClaim } => ({}))

vi.mock('../../../../src/domain/decide-claim', async (original) => {
  const real = await original<{ decideClaim: typeof decideClaim }>()
  const decide: typeof decideClaim = (...args) => (broken.claim?.(real.decideClaim) ?? real.decideClaim)(...args)
  return { ...real, decideClaim: decide }
})

/** As long as the runs of every `npm test`. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const STEPS = 400
const BURSTS = 40

async function find({ handles, makePlace }: Mutant): Promise<unknown> {
  for (const seed of SEEDS) {
    const found = await (handles === 1 ? playOn(seed, makePlace) : playBursts(seed, BURSTS, handles, makePlace)).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (found !== undefined) return found
  }
  return undefined
}

async function playOn(seed: number, makePlace: Mutant['makePlace']) {
  const place = await makePlace()
  try {
    return await play(seed, STEPS, [await place.open()])
  } finally {
    await place.leave()
  }
}

/** The model claims by the rules as they are. */
vi.mock('./model/decide-claim', () => vi.importActual('../../../../src/domain/decide-claim'))

describe('the short run finds a storage', () => {
  it.each(Object.entries(mutants))('that %s', async (_name, mutant) => {
    const found = await find(mutant)
    expect(found instanceof Disagreement || found instanceof Unexplained, String(found)).toBe(true)
  })

  it('that gives one slot more than there are', async () => {
    broken.claim = (real) => (facts, claim, now) => {
      const { license } = facts
      const { maxActivations = null } = license ?? {}
      if (license === null || maxActivations === null) return real(facts, claim, now)
      const lenient = { ...license, maxActivations: maxActivations + 1 }
      Object.assign(license, lenient)
      return real(facts, claim, now)
    }
    expect(await find({ handles: 1, makePlace: memoryPlace })).toBeInstanceOf(Disagreement)
  })

  it('that sells what is not for sale any more', async () => {
    broken.claim = (real) => (facts: ClaimFacts, claim, now) =>
      real({ ...facts, product: facts.product && { ...facts.product, active: true } }, claim, now)
    expect(await find({ handles: 1, makePlace: memoryPlace })).toBeInstanceOf(Disagreement)
  })
})
