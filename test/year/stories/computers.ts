import { cp, rm } from 'node:fs/promises'
import { newFolder, newMachineId } from '../computer'
import { mainComputer, newComputer, type Payer } from '../payer'
import type { Story } from '../story'
import { onNetwork } from './for-a-while'

const hasRoom = ({ seats, uses }: Payer) => new Set(uses.map(({ computer }) => computer)).size < seats

/** All who have used the old computer use the new one. */
function goOver(payer: Payer) {
  const [old, computer] = [mainComputer(payer), newComputer(payer)]
  payer.uses = payer.uses.map((use) => (use.computer === old ? { ...use, computer } : use))
  return computer
}

async function copyFolder(payer: Payer): Promise<string> {
  const copy = newFolder(payer.surroundings.root)
  await cp(mainComputer(payer).folderOf('owner'), copy, { recursive: true }).catch(() => undefined)
  return copy
}

/** What becomes of computers, and who sits before them. */
export const COMPUTER_STORIES: readonly Story[] = [
  {
    name: 'a family computer',
    says: 'A second user of the computer types the key, and both go on for a month.',
    boundDays: 0,
    perYear: 0.5,
    play({ payer, after }) {
      payer.uses = [...payer.uses, { computer: mainComputer(payer), user: 'child' }]
      after(30, () => {
        payer.uses = payer.uses.filter(({ user }) => user !== 'child')
      })
    },
  },
  {
    name: 'a terminal server',
    says: 'Nineteen more users of one computer, for a week.',
    boundDays: 0,
    perYear: 0.1,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      const users = Array.from({ length: 19 }, (_, index) => ({ computer, user: `user-${index}` }))
      payer.uses = [...payer.uses, ...users]
      after(7, () => {
        payer.uses = payer.uses.filter(({ user }) => !user.startsWith('user-'))
      })
    },
  },
  {
    name: 'a new computer, the old one given back',
    says: 'Deactivated there, activated here.',
    boundDays: 0,
    perYear: 0.3,
    async play({ payer }) {
      await mainComputer(payer).open().deactivate()
      goOver(payer)
    },
  },
  {
    name: 'a new computer, the old one is gone',
    says: 'Broken, sold, or lost: at the limit the person picks it in the list, and the license moves.',
    boundDays: 0,
    perYear: 0.5,
    play({ payer }) {
      goOver(payer)
    },
  },
  {
    name: 'a stolen laptop',
    says: 'The thief goes on with it; the owner picks it in the list.',
    boundDays: 0,
    perYear: 0.2,
    async play({ payer, after }) {
      const stolen = mainComputer(payer)
      goOver(payer)
      for (const day of [2, 5, 9, 20]) after(day, () => stolen.open().start())
    },
  },
  {
    name: 'a new mainboard',
    says: 'Another machine id; nothing is typed.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer }) {
      mainComputer(payer).machineId = newMachineId()
    },
  },
  {
    name: 'a new mainboard, and three days without network',
    says: 'Good for seven days; then the slot moves by its key.',
    boundDays: 0,
    perYear: 0.3,
    play(life) {
      mainComputer(life.payer).machineId = newMachineId()
      onNetwork(life, 'offline', 3)
    },
  },
  {
    name: 'a system installed anew',
    says: 'Machine id and folder are new; the key is typed, and the slot moved from what was this computer.',
    boundDays: 0,
    perYear: 0.3,
    async play({ payer }) {
      const computer = mainComputer(payer)
      await rm(computer.folderOf('owner'), { recursive: true, force: true })
      computer.machineId = newMachineId()
    },
  },
  {
    name: 'a migration tool, the old computer goes',
    says: 'The folder is copied to the new computer, and nothing is typed.',
    boundDays: 0,
    perYear: 0.3,
    async play({ payer }) {
      const copy = await copyFolder(payer)
      goOver(payer).moveFolder('owner', copy)
    },
  },
  {
    name: 'a migration tool, both computers go on',
    says: 'The copy takes a free slot by itself.',
    boundDays: 0,
    perYear: 0.4,
    fits: hasRoom,
    async play({ payer }) {
      const copy = await copyFolder(payer)
      const computer = newComputer(payer)
      computer.moveFolder('owner', copy)
      payer.uses = [...payer.uses, { computer, user: 'owner' }]
    },
  },
  {
    name: 'a second computer',
    says: 'There is a slot for it; the key is typed there.',
    boundDays: 0,
    perYear: 0.4,
    fits: hasRoom,
    play({ payer }) {
      payer.uses = [...payer.uses, { computer: newComputer(payer), user: 'owner' }]
    },
  },
  {
    name: 'two systems on one home',
    says: 'Every other day the other system is started, for ten days; the license has two slots.',
    boundDays: 0,
    perYear: 0.2,
    fits: hasRoom,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      const ids = [computer.machineId, newMachineId()]
      for (let day = 1; day <= 10; day++) {
        after(day, () => {
          computer.machineId = ids[day % 2] ?? null
        })
      }
    },
  },
  {
    name: 'a machine id that cannot be read',
    says: 'The program that tells it fails for five days.',
    boundDays: 0,
    perYear: 0.3,
    play({ payer, after }) {
      const computer = mainComputer(payer)
      const known = computer.machineId
      computer.machineId = null
      after(5, () => {
        computer.machineId = known
      })
    },
  },
  {
    name: 'a virtual machine put back',
    says: 'The snapshot of three weeks ago is started again.',
    boundDays: 0,
    perYear: 0.2,
    async play({ payer, after }) {
      const snapshot = await copyFolder(payer)
      after(21, async () => {
        await cp(snapshot, mainComputer(payer).folderOf('owner'), { recursive: true })
        mainComputer(payer).boot()
      })
    },
  },
  {
    name: 'a container made anew each day',
    says: 'It has no volume, but a hostId and a proof secret; for two weeks.',
    boundDays: 0,
    perYear: 0.2,
    fits: hasRoom,
    play({ payer, after }) {
      const computer = newComputer(payer)
      computer.machineId = null
      computer.files = ['/.dockerenv']
      computer.options = { hostId: `container-of-${payer.name}`, proofSecret: `secret-of-${payer.name}-16-letters` }
      const use = { computer, user: 'owner' }
      payer.uses = [...payer.uses, use]
      for (let day = 1; day < 14; day++)
        after(day, () => computer.moveFolder('owner', newFolder(payer.surroundings.root)))
      after(14, async () => {
        await computer.open().deactivate()
        payer.uses = payer.uses.filter((one) => one !== use)
      })
    },
  },
]
