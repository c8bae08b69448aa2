import { describe, expect, it } from 'vitest'
import { playBursts } from './bursts'
import { postgresPlace, slowMemoryPlace, sqlitePlace } from './places'

/**
 * Steps that are started together must come out as if they had been made one after the other, in some order: their outcomes,
 * and everything that is kept.
 */
const LONG_RUN = Number(process.env.DIFFERENTIAL_STEPS ?? 0)
const random = Math.floor(Math.random() * 1e6)

describe.each([
  { name: 'memory', makePlace: slowMemoryPlace, bursts: 40 },
  { name: 'a SQLite file', makePlace: sqlitePlace, bursts: 30 },
  { name: 'PostgreSQL', makePlace: postgresPlace, bursts: 12 },
])('on $name', ({ makePlace, bursts }) => {
  const count = LONG_RUN > 0 ? Math.ceil(LONG_RUN / 20) : bursts

  it.each([
    { seed: 1, handles: 1 },
    { seed: 2, handles: 2 },
    { seed: random, handles: 1 },
    { seed: random, handles: 2 },
  ])('an order explains steps that are started together (seed $seed, handles: $handles)', async ({ seed, handles }) => {
    const played = await playBursts(seed, count, handles, makePlace)
    expect(played.contended).toBeGreaterThan(0)
  })
})
