import { mainComputer } from '../payer'
import type { Story } from '../story'
import { DAY, HOUR } from '../time'
import { onNetwork, setRightAfter, startEachDay } from './for-a-while'

const YEARS = 365 * DAY

/** What becomes of clocks. */
export const CLOCK_STORIES: readonly Story[] = [
  {
    name: 'a dead clock battery',
    says: 'Each start of the computer is in 1970, for a month; there is a network.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      startEachDay(life, 30, () => -life.time.now)
      setRightAfter(life, 30)
    },
  },
  {
    name: 'a clock in 2106',
    says: 'It is set right after three days; there is a network.',
    boundDays: 0,
    perYear: 0.2,
    play(life) {
      mainComputer(life.payer).clockAhead = 80 * YEARS
      setRightAfter(life, 3)
    },
  },
  {
    name: 'two systems that disagree on the clock',
    says: 'Every other start is two hours off, for two weeks without network.',
    boundDays: 1,
    perYear: 0.3,
    play(life) {
      onNetwork(life, 'offline', 12)
      startEachDay(life, 12, (day) => (day % 2 === 0 ? 2 * HOUR : 0))
      setRightAfter(life, 12)
    },
  },
  {
    name: 'once a year ahead, without network',
    says: 'The clock is set right the next day. What the budget does not bear, the network mends three days later.',
    boundDays: 4,
    perYear: 0.3,
    play(life) {
      onNetwork(life, 'offline', 4)
      startEachDay(life, 2, (day) => (day === 0 ? 400 * DAY : 0))
    },
  },
  {
    name: 'once a day ahead, without network',
    says: 'The clock is set right the next day; the budget bears it.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      onNetwork(life, 'offline', 3)
      mainComputer(life.payer).clockAhead = DAY
      setRightAfter(life, 1)
    },
  },
  {
    name: 'a clock that is three days behind',
    says: 'For two weeks; there is a network.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      mainComputer(life.payer).clockAhead = -3 * DAY
      setRightAfter(life, 14)
    },
  },
  {
    name: 'a clock that drifts',
    says: 'Five minutes a day, for two months.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      const computer = mainComputer(life.payer)
      for (let day = 1; day < 60; day++) {
        life.after(day, () => {
          computer.clockAhead += HOUR / 12
        })
      }
      setRightAfter(life, 60)
    },
  },
  {
    name: 'time comes late from the network',
    says: 'An hour behind at each start of the computer, for a month.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      startEachDay(life, 30, () => -HOUR)
      setRightAfter(life, 30)
    },
  },
]
