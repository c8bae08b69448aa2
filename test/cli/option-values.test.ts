import { describe, expect, it } from 'vitest'
import {
  calendarDuration,
  changeTo,
  hosts,
  instant,
  jsonObject,
  list,
  name,
  seconds,
  wholeNumber,
} from '../../src/cli/option-values'

describe('option values', () => {
  it('reads whole numbers within their bounds', () => {
    expect(wholeNumber(1, 9)('9')).toBe(9)
    for (const bad of ['0', '10', '1.5', '-1', '', ' 1', '1e0', '0x1']) expect(() => wholeNumber(1, 9)(bad)).toThrow()
  })

  it('reads durations: by the calendar, and of a fixed length', () => {
    expect(calendarDuration('1 year')).toEqual({ amount: 1, unit: 'year' })
    expect(calendarDuration('30days')).toEqual({ amount: 30, unit: 'day' })
    for (const bad of ['year', '0 days', '1 fortnight', '1.5 days', '-1 day', '99999 days', '']) {
      expect(() => calendarDuration(bad)).toThrow()
    }
    expect(seconds(1)('14 days')).toBe(1_209_600)
    expect(seconds(0)('0 seconds')).toBe(0)
    for (const bad of ['0 seconds', '1 month', '14', 'days']) expect(() => seconds(1)(bad)).toThrow()
  })

  it('reads a word that takes the value away', () => {
    const limit = changeTo('unlimited', wholeNumber(1, 9))
    expect(limit('9')).toEqual({ to: 9 })
    expect(limit('unlimited')).toEqual({ to: null })
    expect(() => limit('10')).toThrow('It must be a whole number from 1 to 9. Or "unlimited".')
  })

  it('collects hosts, without scheme and port', () => {
    expect(hosts('::1', hosts('10.0.0.7', hosts('hooks.internal')))).toEqual(['hooks.internal', '10.0.0.7', '::1'])
    for (const bad of ['http://a', 'a:80', '[::1]', 'a/b', 'a@b', 'a b', '', 'a?b', 'a#b', 'a\\b']) {
      expect(() => hosts(bad)).toThrow()
    }
  })

  it('reads dates, lists, names and JSON objects', () => {
    expect(instant('2030-12-31')).toEqual(new Date('2030-12-31T00:00:00Z'))
    expect(() => instant('2030-02-30')).toThrow()
    expect(list(' a, b,,')).toEqual(['a', 'b'])
    expect(list('')).toEqual([])
    expect(name('Acme')).toBe('Acme')
    for (const bad of [' ', 'x'.repeat(257), '\ud800']) expect(() => name(bad)).toThrow()
    expect(jsonObject('{"seats":5}')).toEqual({ seats: 5 })
    for (const bad of ['[1]', '5', 'null', '{']) expect(() => jsonObject(bad)).toThrow()
  })
})
