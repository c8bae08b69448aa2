import { describe, expect, it } from 'vitest'
import { readDate } from '../../../src/cli/transfer/read-date'

describe('readDate', () => {
  it.each([
    ['2026-03-04', 'iso', '2026-03-04T00:00:00.000Z'],
    ['2026-03-04T05:06:07.000000Z', 'iso', '2026-03-04T05:06:07.000Z'],
    ['2026-03-04 05:06:07', 'iso', '2026-03-04T05:06:07.000Z'],
    ['2026-03-04 05:06:07 UTC', 'iso', '2026-03-04T05:06:07.000Z'],
    ['2026-03-04T05:06:07+0130', 'iso', '2026-03-04T03:36:07.000Z'],
    [1_772_600_767, 'unix', '2026-03-04T05:06:07.000Z'],
    ['1772600767', 'unix', '2026-03-04T05:06:07.000Z'],
    [1_772_600_767_089, 'unix-ms', '2026-03-04T05:06:07.089Z'],
    ['4/3/2026', 'DD/MM/YYYY', '2026-03-04T00:00:00.000Z'],
    ['03/04/2026 5:06', 'MM/DD/YYYY HH:mm', '2026-03-04T05:06:00.000Z'],
    ['04.03.2026', 'DD.MM.YYYY', '2026-03-04T00:00:00.000Z'],
    ['20260304', 'YYYYMMDD', '2026-03-04T00:00:00.000Z'],
  ])('reads %j as %s', (value, written, instant) => {
    expect(readDate(value, written)?.toISOString()).toBe(instant)
  })

  it.each([
    ['2026-02-30', 'iso'],
    ['soon', 'iso'],
    [1_772_600_767, 'iso'],
    ['soon', 'unix'],
    ['31.02.2026', 'DD.MM.YYYY'],
    ['04-03-2026', 'DD.MM.YYYY'],
    ['04.03.2026 and more', 'DD.MM.YYYY'],
    ['99999999999999999999', 'unix'],
  ])('finds no instant in %j as %s', (value, written) => {
    expect(readDate(value, written)).toBeUndefined()
  })
})
