import { attempt } from '../attempt'
import { newMachineId } from '../computer'
import { emptyFolder } from '../disk'
import type { Rider } from '../rider'
import type { Trick } from '../trick'
import { CONTAINER_ENV } from '../whole-machine'

const TRIAL_DAYS = 14
/** The first trial is what was granted. */
const TRIALS_ON_AND_ON = [30 - TRIAL_DAYS, 30] as const

/** A trial instead of a license; when it is over, somebody does what is said here, and starts another. */
function tryAgain(renew: (rider: Rider) => unknown, machineOnly = false) {
  return async (rider: Rider) => {
    const { main, vendor } = rider
    await main.open().deactivate()
    await vendor.licensing().products.update(vendor.product.id, { trialSeconds: TRIAL_DAYS * 86_400 })
    await renew(rider)
    rider.after(TRIAL_DAYS, () => {
      rider.paid = 0
    })
    rider.daily(async () => {
      if ((await main.open().check()).usable) return
      await renew(rider)
      await attempt(() => main.open().startTrial(machineOnly ? { machineOnly } : {}))
    })
  }
}

const inContainer = ({ main }: Rider) => {
  emptyFolder(main.folderOf('owner'))
  main.machineId = null
  main.files = ['/.dockerenv']
  main.env = CONTAINER_ENV
}

/** Trials on and on. */
export const TRIAL_TRICKS: readonly Trick[] = [
  {
    kind: 'alone',
    name: 'trials, the folder deleted',
    says: 'On one computer.',
    boundDaysPerMonth: [0, 0],
    stated: 'docs/seats.md, “Trials”: reinstalling goes on with the same one to the same end',
    play: tryAgain(({ main }) => emptyFolder(main.folderOf('owner'))),
  },
  {
    kind: 'alone',
    name: 'trials, each with a new machine id',
    says: 'The folder is deleted, too.',
    boundDaysPerMonth: TRIALS_ON_AND_ON,
    stated: 'docs/seats.md, “Trials”: nothing stops who makes ids up',
    play: tryAgain(({ main }) => {
      emptyFolder(main.folderOf('owner'))
      main.machineId = newMachineId()
    }),
  },
  {
    kind: 'alone',
    name: 'trials in containers',
    says: 'The volume is deleted each time.',
    boundDaysPerMonth: TRIALS_ON_AND_ON,
    stated: 'docs/seats.md, “Trials”: a host known by its installation only gets another when its folder is deleted',
    play: tryAgain(inContainer),
  },
  {
    kind: 'alone',
    name: 'trials in containers, machineOnly',
    says: 'The same, of an app that asks for a machine id.',
    boundDaysPerMonth: [0, 0],
    stated: 'docs/seats.md, “Trials”: machineOnly gives it none',
    play: tryAgain(inContainer, true),
  },
]
