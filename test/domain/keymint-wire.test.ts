import { describe, expect, it } from 'vitest'
import { decideWire, type WireHints } from '../../src/domain/keymint-wire'

const NOW = new Date('2026-12-01T12:00:00.000Z')
const ago = (ms: number) => new Date(NOW.getTime() - ms)
const DAY_MS = 86_400_000
const SILENT: WireHints = {
  asked: undefined,
  setting: null,
  option: 'auto',
  shown: { headerKeyAt: null, queryKeyAt: null },
}
const newer = { headerKeyAt: ago(1), queryKeyAt: null }

describe('the form that a request is answered in', () => {
  it.each<[string, Partial<WireHints>, string, boolean]>([
    ['nothing says', {}, 'before', false],
    ['the token has shown the newer form alone', { shown: newer }, '2026-09', false],
    ['it has shown the older one alone', { shown: { headerKeyAt: null, queryKeyAt: ago(1) } }, 'before', false],
    ['it has shown both', { shown: { headerKeyAt: ago(1), queryKeyAt: ago(2) } }, 'before', true],
    ['it showed the newer one a day ago', { shown: { headerKeyAt: ago(DAY_MS), queryKeyAt: null } }, 'before', false],
    ['it showed the older one a day ago', { shown: { ...newer, queryKeyAt: ago(DAY_MS) } }, '2026-09', false],
    ['the server`s option does', { shown: newer, option: 'before' }, 'before', false],
    ['the server`s option does', { option: '2026-09' }, '2026-09', false],
    ['the token`s setting goes before the option', { setting: '2026-09', option: 'before' }, '2026-09', false],
    ['the request goes before the setting', { asked: 'before', setting: '2026-09' }, 'before', false],
    [
      'both were shown, but the setting says',
      { setting: '2026-09', shown: { headerKeyAt: NOW, queryKeyAt: NOW } },
      '2026-09',
      false,
    ],
  ])('where %s', (_, hints, wire, isTorn) => {
    expect(decideWire({ ...SILENT, ...hints }, NOW)).toEqual({ wire, isTorn })
  })
})
