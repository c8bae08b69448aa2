import { describe, expect, it } from 'vitest'
import { budgetSeconds, judgeClock, signedTime, toldTime } from '../../../src/client/trust/judge-clock'
import type { ClockMarks, KnownTime, Reading } from '../../../src/client/trust/known-time'
import { startOf, timeSinceAnchor } from '../../../src/client/trust/running-time'

const HOUR = 3_600
const DAY = 86_400
const YEAR = 365 * DAY
/** When the license token was signed; it lasts for 14 days, and 7 of grace. */
const IAT = 1_772_366_400
const END = IAT + 21 * DAY
/** In seconds after the signing. */
const at = (wall: number, uptime: number, boot?: string): Reading => ({ wall: IAT + wall, uptime, boot })

type Story = Partial<Omit<KnownTime, 'marks'>> & { readonly marks?: Partial<ClockMarks> }

/** Nobody has told the time, and no check was made. */
const known = ({ marks = {}, ...rest }: Story = {}): KnownTime => ({
  highestTimeSeen: IAT,
  lifeSeconds: 14 * DAY,
  end: END,
  ...rest,
  marks: { signed: IAT, by: [], ...marks },
})

/** The server told the time at the signing, an hour after the start, to a wall clock that is so many seconds behind. */
const told = (behind = 0, story: Story = {}): KnownTime =>
  known({ ...story, marks: { ...toldTime(IAT, 'kid', at(-behind, HOUR)).marks, ...story.marks } })

/** The same after a restart: the anchor is gone. */
const restarted = (behind: number, story: Story = {}): KnownTime =>
  known({ ...story, marks: { correction: behind, by: ['kid'], ...story.marks } })

/** An anchor of its own clock, on a host that was told the time. */
const anchored = (time: number, uptime: number, story: Story = {}): KnownTime =>
  restarted(0, {
    highestTimeSeen: IAT + time,
    ...story,
    marks: { anchor: { time: IAT + time, ...at(time, uptime) }, ...story.marks },
  })

describe('judgeClock', () => {
  it.each<[string, KnownTime, Reading, string, number]>([
    // Told, and not restarted since: the uptime alone counts.
    ['two days later', told(), at(2 * DAY, 2 * DAY + HOUR), 'right', 2 * DAY],
    ['the server 6 minutes ahead', told(360), at(2 * DAY - 360, 2 * DAY + HOUR), 'right', 2 * DAY],
    ['a dead battery: 1970', told(IAT), at(2 * DAY - IAT, 2 * DAY + HOUR), 'right', 2 * DAY],
    ['a dead battery: 2106', told(-80 * YEAR), at(2 * DAY + 80 * YEAR, 2 * DAY + HOUR), 'right', 2 * DAY],
    ['a clock that drifts by a minute', told(), at(2 * DAY + 60, 2 * DAY + HOUR), 'right', 2 * DAY],
    [
      'a jump of 400 days, found by the process that goes on',
      told(0, { startedAt: IAT - HOUR }),
      at(400 * DAY, 2 * HOUR),
      'right',
      HOUR,
    ],
    [
      'the same, found where the system names the boot',
      told(0, { marks: { anchor: { time: IAT, ...at(0, HOUR, 'a') } } }),
      at(400 * DAY, 2 * HOUR, 'a'),
      'right',
      HOUR,
    ],
    [
      'ten days back, in another process',
      told(0, { marks: { anchor: { time: IAT, ...at(0, HOUR) } } }),
      at(-DAY, 9 * DAY + HOUR),
      'right',
      9 * DAY,
    ],
    ['a mark of a jump before', told(0, { highestTimeSeen: END }), at(DAY, DAY + HOUR), 'right', DAY],

    // Restarted: the wall clock, with the last correction.
    ['after a restart', restarted(0), at(2 * DAY, 60), 'right', 2 * DAY],
    ['after a restart, the clock 6 minutes behind', restarted(360), at(2 * DAY, 60), 'right', 2 * DAY + 360],
    ['after a restart, the clock 2 hours ahead', restarted(-2 * HOUR), at(2 * DAY, 60), 'right', 2 * DAY - 2 * HOUR],
    ['the battery replaced, 1970 before', restarted(IAT), at(2 * DAY, 60), 'right', 2 * DAY],
    ['the battery replaced, 2106 before', restarted(-80 * YEAR), at(2 * DAY, 60), 'right', 2 * DAY],
    ['uptime above that of the boot before', anchored(DAY, HOUR), at(3 * DAY, 5 * HOUR), 'right', 3 * DAY],
    [
      'a folder on a computer that has been up for a year',
      anchored(DAY, HOUR, { marks: { anchor: { time: IAT + DAY, ...at(DAY, HOUR, 'a') } } }),
      at(2 * DAY, YEAR, 'b'),
      'right',
      2 * DAY,
    ],
    ['an earlier version has written the file', known(), at(DAY, HOUR), 'right', DAY],
    ['within the tolerance behind', known({ highestTimeSeen: IAT + DAY }), at(DAY - 300, HOUR), 'right', DAY],

    // Behind what the own clock said.
    ['the clock back by ten days', anchored(10 * DAY, HOUR), at(DAY, 60), 'budget', DAY],
    ['400 days ahead once', restarted(0, { highestTimeSeen: END }), at(DAY, 60), 'budget', DAY],
    ['back beyond the signing', anchored(10 * DAY, HOUR), at(-30 * DAY, 60), 'budget', 0],
    ['1970 after a restart', anchored(DAY, HOUR), at(-IAT, 60), 'budget', 0],
    ['back in the same boot', anchored(10 * DAY, HOUR), at(DAY, 2 * HOUR), 'right', 10 * DAY + HOUR],
    [
      'behind, and put right in the same boot',
      anchored(DAY, 60, { highestTimeSeen: IAT + 10 * DAY, marks: { behind: true } }),
      at(11 * DAY, 2 * HOUR),
      'right',
      11 * DAY,
    ],
    [
      'behind, the budget spent by the boot',
      anchored(10 * DAY, HOUR, { marks: { spent: 30 * HOUR } }),
      at(DAY, 60),
      'spent',
      DAY,
    ],
    [
      'behind, the budget spent by time',
      anchored(DAY, HOUR, { highestTimeSeen: IAT + 10 * DAY, marks: { behind: true, spent: 4 * HOUR } }),
      at(DAY + 30 * HOUR, 31 * HOUR),
      'spent',
      DAY + 30 * HOUR,
    ],

    // Behind a signed time, and nobody has told it.
    ['301 s behind the signing', known(), at(-301, HOUR), 'behind-signed', -301],
    ['300 s behind the signing', known(), at(-300, HOUR), 'right', 0],
    [
      'a file signed a day later, in the same boot',
      known({ marks: { signed: IAT + 2 * DAY, anchor: { time: IAT + DAY, ...at(DAY, HOUR) } } }),
      at(DAY, HOUR),
      'behind-signed',
      DAY,
    ],
    [
      'and the clock put right',
      known({
        startedAt: IAT + DAY - HOUR,
        marks: { signed: IAT + 2 * DAY, anchor: { time: IAT + DAY, ...at(DAY, HOUR) } },
      }),
      at(2 * DAY, 2 * HOUR),
      'right',
      2 * DAY,
    ],
    ['a clock that says nothing', told(), at(Number.NaN, Number.NaN), 'right', Number.NaN],
  ])('%s', (_, before, reading, state, time) => {
    const judged = judgeClock(before, reading)
    expect([judged.state, judged.time - IAT]).toEqual([state, time])
    const quick = timeSinceAnchor(before, reading)
    if (quick !== undefined) expect([quick - IAT, state]).toEqual([time, 'right'])
  })

  it('spends by each boot, then by time, once for all processes, and is not told twice', () => {
    let host = anchored(10 * DAY, HOUR)
    const spentAt = (reading: Reading) => {
      const { marks, highestTimeSeen } = judgeClock(host, reading)
      host = { ...host, marks, highestTimeSeen }
      return (marks.spent ?? 0) / HOUR
    }
    expect(spentAt(at(DAY, 60))).toBe(4)
    expect(spentAt(at(DAY, 60))).toBe(4)
    expect(spentAt(at(DAY + HOUR, HOUR + 60))).toBe(5)
    expect(spentAt(at(DAY + HOUR, HOUR + 60))).toBe(5)
    expect(spentAt(at(2 * DAY, 60))).toBe(9)
    // No longer behind: nothing more is spent, and nothing comes back.
    expect(spentAt(at(11 * DAY, 60))).toBe(9)
    expect(spentAt(at(12 * DAY, DAY + 60))).toBe(9)
  })

  it('builds nothing on a wall clock that ends the license: put right, it is only a mark', () => {
    const before = restarted(0)
    const { marks, highestTimeSeen, time } = judgeClock(before, at(400 * DAY, 60))
    expect([marks, highestTimeSeen, time]).toEqual([before.marks, END, IAT + 400 * DAY])
    expect(judgeClock({ ...before, highestTimeSeen }, at(DAY, 120))).toMatchObject({ state: 'budget', time: IAT + DAY })
  })

  it('keeps the start of a boot, however often it is judged', () => {
    let host = told(360)
    const start = startOf(host.marks.anchor ?? expect.fail())
    for (let hour = 1; hour < 48; hour++) {
      const { marks } = judgeClock(host, at(hour * HOUR - 360 + hour, HOUR + hour * HOUR))
      host = { ...host, marks }
      expect(startOf(marks.anchor ?? expect.fail())).toBe(start)
    }
  })
})

describe('what is signed', () => {
  it('a time that was told takes the place of everything, also of a later one', () => {
    const { highestTimeSeen, marks } = toldTime(IAT, 'new', at(-90, HOUR))
    expect(highestTimeSeen).toBe(IAT)
    expect(marks).toMatchObject({ signed: IAT, by: ['new'], correction: 90, told: true })
    expect(marks).not.toHaveProperty('spent')
  })

  it('a wall clock that agrees with a time in whole seconds goes on as it is', () => {
    expect(toldTime(IAT, 'new', at(0.9, HOUR)).marks).toMatchObject({ signed: IAT, correction: 0 })
    expect(toldTime(IAT, 'new', at(2, HOUR)).marks).toMatchObject({ signed: IAT, correction: -2 })
  })

  it('a text of some time gives the budget anew where it is the latest, and once', () => {
    const marks: ClockMarks = { signed: IAT, by: ['a'], spent: 9 * HOUR, correction: 3 }
    expect(signedTime(marks, IAT, 'b')).toBe(marks)
    const later = signedTime(marks, IAT + DAY, 'b')
    expect(later).toEqual({ signed: IAT + DAY, by: ['a', 'b'], spent: 0, correction: 3 })
    const spent = { ...later, spent: HOUR }
    expect(signedTime(spent, IAT + DAY, 'b')).toBe(spent)
  })

  it.each([
    [14 * DAY, 33.6 * HOUR],
    [3 * DAY, DAY],
    [30 * DAY, 3 * DAY],
    [YEAR, 7 * DAY],
  ])('a token of %d s has a budget of %d s', (life, budget) => {
    expect(budgetSeconds(life)).toBeCloseTo(budget, 3)
  })
})
