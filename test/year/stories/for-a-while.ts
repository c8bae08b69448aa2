import type { Network } from '../networks'
import { mainComputer } from '../payer'
import type { Life } from '../story'

/** The main computer is on that network for so many days. */
export function onNetwork({ payer, after }: Life, network: Network, days: number): void {
  const computer = mainComputer(payer)
  computer.network = network
  after(days, () => {
    computer.network = 'online'
  })
}

/** The main computer's clock is set right after so many days. */
export function setRightAfter({ payer, after }: Life, days: number): void {
  const computer = mainComputer(payer)
  after(days, () => {
    computer.clockAhead = 0
  })
}

/** Every day of so many, beginning today, the main computer is started, and its clock is so far ahead then. */
export function startEachDay({ payer, after }: Life, days: number, aheadOn: (day: number) => number): void {
  const computer = mainComputer(payer)
  for (let day = 0; day < days; day++) {
    after(day, () => {
      computer.boot()
      computer.clockAhead = aheadOn(day)
    })
  }
}

/** What the vendor does wrong is undone a day later. Meanwhile nobody is owed a license. */
export async function undoneNextDay({ payer, after }: Life, work: () => unknown, undo: () => unknown): Promise<void> {
  await work()
  payer.entitled = false
  after(1, async () => {
    await undo()
    payer.entitled = true
  })
}
