import type { Computer } from '../computer'
import { putBack, readFiles } from '../disk'
import type { Rider } from '../rider'
import { DAY } from '../time'
import { BUDGET_DAYS, TOKEN_DAYS, type Trick } from '../trick'
import { goOffline, whenPaidEnds } from './end'

const WHOLE_MONTH = [30, 30] as const
const ONE_TOKEN = [TOKEN_DAYS, 0] as const
const ONE_TOKEN_AND_BUDGET = [TOKEN_DAYS + BUDGET_DAYS, 0] as const

const ONE_BOOT = 'SECURITY.md, “Clocks”: 0 beyond token and grace by turning the clock within one boot'
const BUDGET =
  'the license token, its grace and, once, the budget of a clock that is behind: a tenth of the token’s life'
const UNKNOWABLE = 'SECURITY.md, “Clocks”: nothing outside the machine knows better before the next contact'

/** Without network from the end of what was paid for, and each morning somebody does something to each computer. */
function tamper(eachMorning: (rider: Rider, endedAt: number) => (computer: Computer, day: number) => void) {
  return (rider: Rider) => {
    whenPaidEnds(rider, () => {
      goOffline(rider)
      const ofComputer = eachMorning(rider, rider.time.now)
      let day = 0
      rider.daily(() => {
        for (const computer of rider.computers) ofComputer(computer, day)
        day++
      })
    })
  }
}

const setTo = ({ time }: Rider, computer: Computer, instant: number) => {
  computer.clockAhead = instant - time.now
}

/** Everything in the folder as it was when what was paid for ended. */
function keepFolders(rider: Rider) {
  const kept = new Map(rider.computers.map((one) => [one, rider.disks.get(one) ?? readFiles(one.folderOf('owner'))]))
  return (computer: Computer) => {
    const files = kept.get(computer)
    if (files === undefined) return
    if (rider.disks.has(computer)) rider.disks.set(computer, files)
    else putBack(computer.folderOf('owner'), files)
  }
}

const end = { kind: 'end' } as const

/** What is done to clocks, folders and whole machines, to go on after the end of what was paid for. */
export const CLOCK_TRICKS: readonly Trick[] = [
  {
    ...end,
    name: 'no network any more',
    says: 'Nothing else is done.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: 'SECURITY.md, “Revocation”: a host that never hears of it keeps working until its token and grace end',
    play: tamper(() => () => undefined),
  },
  {
    ...end,
    name: 'the clock turned back each morning',
    setsBack: 'clock',
    says: 'To the day of the last renewal. The computer is never switched off.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: ONE_BOOT,
    play: tamper((rider, endedAt) => (computer) => setTo(rider, computer, endedAt)),
  },
  {
    ...end,
    name: 'the clock turned back a day each day',
    setsBack: 'clock',
    says: 'The computer is never switched off.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: ONE_BOOT,
    play: tamper(() => (computer) => {
      computer.clockAhead -= DAY
    }),
  },
  {
    ...end,
    name: 'the clock turned back, and the computer started anew',
    setsBack: 'clock',
    says: 'To the moment of the last renewal, each morning.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play: tamper((rider, endedAt) => (computer) => {
      computer.boot()
      setTo(rider, computer, endedAt)
    }),
  },
  {
    ...end,
    name: 'two days behind, and started anew',
    setsBack: 'clock',
    says: 'The clock is set back by two days for good.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play: tamper(() => (computer) => {
      computer.boot()
      computer.clockAhead = -2 * DAY
    }),
  },
  {
    ...end,
    name: 'eight days behind, and looked at for a moment',
    setsBack: 'clock',
    says: 'The same, but the computer is on for minutes only each day.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play(rider) {
      rider.hoursOn = 0
      tamper(() => (computer) => {
        computer.boot()
        computer.clockAhead = -8 * DAY
      })(rider)
    },
  },
  {
    ...end,
    name: 'the nights left out',
    says: 'Each morning the clock goes on from where it stood in the evening, and the computer is started anew.',
    boundDaysPerMonth: WHOLE_MONTH,
    stated: 'SECURITY.md, “Clocks”: 21 days of use at 8 hours a day last 63 days',
    play(rider) {
      const clocks = new Map<Computer, number>()
      rider.nightly(() => {
        for (const computer of rider.computers) clocks.set(computer, rider.time.now + computer.clockAhead)
      })
      tamper((_, endedAt) => (computer) => {
        computer.boot()
        setTo(rider, computer, clocks.get(computer) ?? endedAt)
      })(rider)
    },
  },
  {
    ...end,
    name: 'the nights left out, never switched off',
    setsBack: 'clock',
    says: 'The same, but the computer only sleeps.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: `${ONE_BOOT}, sleep included`,
    play(rider) {
      const clocks = new Map<Computer, number>()
      rider.nightly(() => {
        for (const computer of rider.computers) clocks.set(computer, rider.time.now + computer.clockAhead)
      })
      tamper((_, endedAt) => (computer) => setTo(rider, computer, clocks.get(computer) ?? endedAt))(rider)
    },
  },
  {
    ...end,
    name: 'ahead by a year, and back',
    setsBack: 'clock',
    says: 'The computer is started anew each time.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play: tamper(() => (computer, day) => {
      computer.boot()
      computer.clockAhead = day === 1 ? 365 * DAY : 0
    }),
  },
  {
    ...end,
    name: 'ahead by ten days, and back',
    setsBack: 'clock',
    says: 'Every other day, within one boot.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: ONE_BOOT,
    play: tamper(() => (computer, day) => {
      computer.clockAhead = day % 2 === 0 ? 10 * DAY : 0
    }),
  },
  {
    ...end,
    name: 'in 1970 at each start',
    setsBack: 'clock',
    says: 'As by a dead battery.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play: tamper(({ time }) => (computer) => {
      computer.boot()
      computer.clockAhead = -time.now
    }),
  },
  {
    ...end,
    name: 'renewed with a clock ahead',
    setsBack: 'clock',
    says: 'It is two months ahead at the last contact, and set right afterwards.',
    boundDaysPerMonth: ONE_TOKEN_AND_BUDGET,
    stated: BUDGET,
    play: renewedWith(60 * DAY),
  },
  {
    ...end,
    name: 'renewed with a clock behind',
    setsBack: 'clock',
    says: 'It is two months behind at the last contact, and stays so.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: 'SECURITY.md, “Clocks”: the wall clock counts as the server has corrected it',
    play: renewedWith(-60 * DAY),
  },
  {
    ...end,
    name: 'the folder put back each morning',
    setsBack: 'folder',
    says: 'As it was at the last renewal; the clock is right.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: 'SECURITY.md: works until its token and grace end',
    play: tamper((rider) => {
      const restore = keepFolders(rider)
      return (computer) => restore(computer)
    }),
  },
  {
    ...end,
    name: 'folder and clock put back each morning',
    says: 'The computer is never switched off.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: ONE_BOOT,
    play: tamper((rider, endedAt) => {
      const restore = keepFolders(rider)
      return (computer) => {
        restore(computer)
        setTo(rider, computer, endedAt)
      }
    }),
  },
  {
    ...end,
    name: 'folder and clock put back, and started anew',
    says: 'Each morning is that of the last renewal.',
    boundDaysPerMonth: WHOLE_MONTH,
    stated: UNKNOWABLE,
    play: tamper((rider, endedAt) => {
      const restore = keepFolders(rider)
      return (computer) => {
        restore(computer)
        computer.boot()
        setTo(rider, computer, endedAt)
      }
    }),
  },
  {
    ...end,
    name: 'the whole machine put back',
    says: 'A snapshot with its memory, each morning: clock and uptime are those of then.',
    boundDaysPerMonth: WHOLE_MONTH,
    stated: UNKNOWABLE,
    play: tamper((rider, endedAt) => {
      const restore = keepFolders(rider)
      const upAtTheEnd = endedAt - rider.main.bootedAt
      return (computer) => {
        restore(computer)
        computer.bootedAt = rider.time.now - upAtTheEnd
        setTo(rider, computer, endedAt)
      }
    }),
  },
  {
    ...end,
    name: 'the whole machine put back, with a right clock',
    setsBack: 'folder',
    says: 'The same snapshot; its clock is set by the computer that it runs on.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: 'SECURITY.md: works until its token and grace end',
    play: tamper((rider, endedAt) => {
      const restore = keepFolders(rider)
      const upAtTheEnd = endedAt - rider.main.bootedAt
      return (computer) => {
        restore(computer)
        computer.bootedAt = rider.time.now - upAtTheEnd
      }
    }),
  },
]

/** The clock is so wrong at the last contact. */
function renewedWith(aheadMs: number) {
  return (rider: Rider) => {
    rider.after(rider.endsOn - 1, () => {
      for (const computer of rider.computers) computer.clockAhead = aheadMs
    })
    tamper(() => (computer) => {
      computer.boot()
      computer.clockAhead = Math.min(0, aheadMs)
    })(rider)
  }
}
