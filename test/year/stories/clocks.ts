import { mainComputer } from '../payer'
import type { Story } from '../story'
import { DAY, HOUR } from '../time'

const YEARS = 365 * DAY

/** What becomes of clocks. */
export const CLOCK_STORIES: readonly Story[] = [
  {
    name: 'a dead clock battery',
    says: 'Each start of the computer is in 1970, for a month; there is a network.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, time, after }) {
      const computer = mainComputer(payer)
      for (let day = 0; day < 30; day++) {
        after(day, () => {
          computer.boot()
          computer.clockAhead = -time.now
        })
      }
      after(30, () => {
        computer.clockAhead = 0
      })
    },
  },
  {
    name: 'a clock in 2106',
    says: 'It is set right after three days; there is a network.',
    boundDays: 0,
    perYear: 0.2,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      computer.clockAhead = 80 * YEARS
      after(3, () => {
        computer.clockAhead = 0
      })
    },
  },
  {
    name: 'two systems that disagree on the clock',
    says: 'Every other start is two hours off, for two weeks without network.',
    boundDays: 1,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      computer.network = 'offline'
      for (let day = 0; day < 12; day++) {
        after(day, () => {
          computer.boot()
          computer.clockAhead = day % 2 === 0 ? 2 * HOUR : 0
        })
      }
      after(12, () => {
        computer.clockAhead = 0
        computer.network = 'online'
      })
    },
  },
  {
    name: 'once a year ahead, without network',
    says: 'The clock is set right the next day. What the budget does not bear, the network mends three days later.',
    boundDays: 4,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      computer.network = 'offline'
      computer.boot()
      computer.clockAhead = 400 * DAY
      after(1, () => {
        computer.boot()
        computer.clockAhead = 0
      })
      after(4, () => {
        computer.network = 'online'
      })
    },
  },
  {
    name: 'once a day ahead, without network',
    says: 'The clock is set right the next day; the budget bears it.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      computer.network = 'offline'
      computer.clockAhead = DAY
      after(1, () => {
        computer.clockAhead = 0
      })
      after(3, () => {
        computer.network = 'online'
      })
    },
  },
  {
    name: 'a clock that is three days behind',
    says: 'For two weeks; there is a network.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      computer.clockAhead = -3 * DAY
      after(14, () => {
        computer.clockAhead = 0
      })
    },
  },
  {
    name: 'a clock that drifts',
    says: 'Five minutes a day, for two months.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      for (let day = 1; day < 60; day++) {
        after(day, () => {
          computer.clockAhead += HOUR / 12
        })
      }
      after(60, () => {
        computer.clockAhead = 0
      })
    },
  },
  {
    name: 'time comes late from the network',
    says: 'An hour behind at each start of the computer, for a month.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      for (let day = 0; day < 30; day++) {
        after(day, () => {
          computer.boot()
          computer.clockAhead = -HOUR
        })
      }
      after(30, () => {
        computer.clockAhead = 0
      })
    },
  },
]
