import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Computer, newMachineId } from '../computer'
import { copyFolder, emptyFolder, readFiles } from '../disk'
import type { Rider } from '../rider'
import { RENEWAL_DAYS, TOKEN_DAYS, type Trick } from '../trick'
import { CONTAINER_ENV } from '../whole-machine'

/** How many further computers are used. */
const COPIES = 2
const EACH_MONTH = [30 * COPIES, 30 * COPIES] as const
const ONE_TOKEN = [TOKEN_DAYS * COPIES, 0] as const
const DOUBT_DAYS = 7
const FORTNIGHT = 14
const WEEK = 7

const LINE = 'SECURITY.md, “Computers that change”: '
const INSTALLATION_ID = 'c0ffee00c0ffee00c0ffee00c0ffee00\n'

type Prepare = (copy: Computer, main: Computer) => void

/** Copies of the folder on further computers, which have no network. */
function spread(prepare: Prepare = () => undefined) {
  return (rider: Rider) => {
    for (let copy = 0; copy < COPIES; copy++) {
      const computer = rider.install()
      computer.network = 'offline'
      copyFolder(rider.main, computer)
      prepare(computer, rider.main)
    }
  }
}

/** The same, and the folder is copied anew each so many days. */
function spreadAnew(everyDays: number, prepare: Prepare = () => undefined) {
  return (rider: Rider) => {
    spread(prepare)(rider)
    const copies = rider.computers.slice(-COPIES)
    let day = 0
    rider.daily(() => {
      if (day++ % everyDays !== 0 || rider.paid === 0) return
      for (const copy of copies) {
        copyFolder(rider.main, copy)
        prepare(copy, rider.main)
      }
    })
  }
}

const asClone: Prepare = (copy, main) => {
  copy.machineId = main.machineId
}

const withoutId: Prepare = (copy) => {
  copy.machineId = null
}

const withoutEvidence: Prepare = (copy) => {
  withoutId(copy, copy)
  const file = join(copy.folderOf('owner'), 'license.json')
  const { folder: _, ...license } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify(license))
}

const withInstallationId: Prepare = (copy) => {
  writeFileSync(join(copy.folderOf('owner'), 'installation-id'), INSTALLATION_ID)
}

/** The main computer is one whose id nobody can read, and is known by its installation id. */
async function beWithoutId({ main, key }: Rider): Promise<void> {
  await main.open().deactivate()
  emptyFolder(main.folderOf('owner'))
  main.machineId = null
  main.files = ['/.dockerenv']
  main.env = CONTAINER_ENV
  await main.open().activate(key)
}

const asContainer: Prepare = (copy) => {
  copy.machineId = null
  copy.files = ['/.dockerenv']
  copy.env = CONTAINER_ENV
}

/** Images of the computer's disk: the folder is the same one to the byte, and the machine id is made anew. */
function image(rider: Rider): Computer[] {
  const made = Array.from({ length: COPIES }, () => rider.install())
  for (const computer of made) {
    computer.network = 'offline'
    computer.machineId = newMachineId()
    computer.moveFolder('owner', rider.main.folderOf('owner'))
    rider.disks.set(computer, readFiles(rider.main.folderOf('owner')))
  }
  return made
}

const refused = { kind: 'spread', boundDaysPerMonth: [0, 0], carries: 0 } as const

/** What is copied, and where to. */
export const COPY_TRICKS: readonly Trick[] = [
  {
    ...refused,
    name: 'the folder copied',
    says: 'To two computers without network.',
    stated: `${LINE}0 by copying the data folder`,
    play: spread(),
  },
  {
    ...refused,
    name: 'the folder copied each fortnight',
    says: 'To two computers without network.',
    stated: `${LINE}0 by copying the data folder`,
    play: spreadAnew(FORTNIGHT),
  },
  {
    ...refused,
    name: 'an installation-id besides',
    says: 'The same file on the main computer and two copies, all with good machine ids.',
    stated: `${LINE}0 by one installation-id to computers with good machine ids`,
    play(rider) {
      withInstallationId(rider.main, rider.main)
      spread(withInstallationId)(rider)
    },
  },
  {
    ...refused,
    name: 'a copy that calls itself Kubernetes',
    says: 'KUBERNETES_SERVICE_HOST is set on two copies.',
    stated: `${LINE}0; docs/seats.md: beside a good machine id an installation id is nobody`,
    play: spread((copy) => {
      copy.env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    }),
  },
  {
    ...refused,
    name: 'a copy with /.dockerenv',
    says: 'The file is made on two copies, with an installation-id.',
    stated: `${LINE}0; docs/seats.md: beside a good machine id an installation id is nobody`,
    play(rider) {
      withInstallationId(rider.main, rider.main)
      spread((copy) => {
        copy.files = ['/.dockerenv']
      })(rider)
    },
  },
  {
    ...refused,
    name: 'a copy in a container',
    says: 'Real containers on two computers, whose images have no machine id.',
    stated: `${LINE}0 with an emptied machine id; docs/seats.md: such a container takes no slot of a computer`,
    play: spread(asContainer),
  },
  {
    ...refused,
    name: 'an emptied machine id',
    says: 'As root, on two copies: the host-id that the folder remembers is what is left.',
    stated: `${LINE}0 alone or with an emptied machine id`,
    play: spread(withoutId),
  },
  {
    kind: 'spread',
    name: 'the folder’s hash taken out',
    says: 'And the machine id emptied, on two copies, once.',
    boundDaysPerMonth: [DOUBT_DAYS * COPIES, 0],
    stated: `${LINE}7 each`,
    carries: COPIES,
    play: spread(withoutEvidence),
  },
  {
    kind: 'spread',
    name: 'the hash taken out, put back each week',
    says: 'license.json of the first day is put back on two copies each week.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: `${LINE}who puts license.json back each week gains the rest of the license token’s life`,
    carries: COPIES,
    play(rider) {
      spread(withoutEvidence)(rider)
      const kept = rider.computers.slice(-COPIES).map((copy) => ({ copy, ...keepLicense(copy) }))
      let day = 0
      rider.daily(() => {
        if (day++ % (WEEK - 1) === 0) for (const { restore } of kept) restore()
      })
    },
  },
  {
    kind: 'spread',
    name: 'the hash taken out of a new copy each week',
    says: 'The folder of the main computer, which goes on renewing, is copied to two others each week.',
    boundDaysPerMonth: EACH_MONTH,
    stated: `${LINE}7 by such a copy, and each further copy starts anew`,
    carries: COPIES,
    play: spreadAnew(WEEK - 1, withoutEvidence),
  },
  {
    kind: 'spread',
    name: 'images of the disk',
    says: 'Two, whose machine ids are made anew.',
    boundDaysPerMonth: [DOUBT_DAYS * COPIES, 0],
    stated: `${LINE}7 on a disk image`,
    carries: COPIES,
    play: image,
  },
  {
    kind: 'spread',
    name: 'clones of the computer',
    says: 'Two, disk and machine id together, which have no network.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: 'SECURITY.md: a whole machine copied is not stopped; it goes on to the end of license token and grace',
    carries: COPIES,
    play: spread(asClone),
  },
  {
    kind: 'spread',
    name: 'clones, made anew each fortnight',
    says: 'Two, which have no network; the main computer goes on renewing.',
    boundDaysPerMonth: EACH_MONTH,
    stated: 'SECURITY.md: a whole machine copied; what is never online is not seen',
    carries: COPIES,
    play: spreadAnew(FORTNIGHT, asClone),
  },
  {
    kind: 'spread',
    name: 'clones with a network',
    says: 'Two, which all renew.',
    boundDaysPerMonth: EACH_MONTH,
    stated: 'SECURITY.md: seen (license.cloned), and not stopped unless the product says onClone: reactivate',
    carries: COPIES,
    play(rider) {
      spread(asClone)(rider)
      for (const computer of rider.computers) computer.network = 'online'
    },
  },
  {
    kind: 'spread',
    name: 'clones with a network, onClone: reactivate',
    says: 'Two, which all renew; nobody types the key again.',
    boundDaysPerMonth: [2 * RENEWAL_DAYS * COPIES, 0],
    stated:
      'docs/seats.md, “Copies of a host are seen”: once both have renewed, which the next renewal shows, both must activate again',
    carries: COPIES,
    async play(rider) {
      const { vendor } = rider
      await vendor.licensing().products.update(vendor.product.id, { onClone: 'reactivate' })
      spread(asClone)(rider)
      for (const computer of rider.computers) computer.network = 'online'
    },
  },
  {
    kind: 'spread',
    name: 'a container’s volume copied',
    says: 'To two containers without network, once.',
    boundDaysPerMonth: ONE_TOKEN,
    stated: `${LINE}where no machine has an id, the copied installation-id is the host`,
    carries: COPIES,
    async play(rider) {
      await beWithoutId(rider)
      spread(asContainer)(rider)
    },
  },
  {
    kind: 'spread',
    name: 'a container’s volume copied each fortnight',
    says: 'To two containers without network.',
    boundDaysPerMonth: EACH_MONTH,
    stated: `${LINE}where no machine has an id, the copied installation-id is the host`,
    carries: COPIES,
    async play(rider) {
      await beWithoutId(rider)
      spreadAnew(FORTNIGHT, asContainer)(rider)
    },
  },
]

function keepLicense(copy: Computer) {
  const file = join(copy.folderOf('owner'), 'license.json')
  const kept = readFileSync(file)
  return { restore: () => writeFileSync(file, kept) }
}
