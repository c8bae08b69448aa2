import { attempt } from '../attempt'
import type { Computer } from '../computer'
import { copyFolder, putBack, readFiles } from '../disk'
import type { Rider } from '../rider'
import { MOVES, RENEWAL_DAYS, TOKEN_DAYS, type Trick } from '../trick'

const FRIENDS = 16
const EVERY_DAYS = 3
const MOVED = `docs/seats.md, “A slot that was given up may rest”: a slot changes hands ${MOVES} times in 30 days`
/** Each time, who gives the slot up goes on to the end of license token and grace. */
const EACH_MOVE = [MOVES * TOKEN_DAYS, MOVES * TOKEN_DAYS] as const

const open = (computer: Computer) => computer.open()

/** Types the key; at the limit, takes the slot of the device that came last. */
async function takeSlot({ key }: Rider, computer: Computer): Promise<boolean> {
  const deviceTag = computer.name
  if ((await attempt(() => open(computer).activate(key, { deviceTag }))) !== undefined) return true
  const listed = await attempt(() => open(computer).devices(key))
  const [device] = listed?.devices.filter(({ resting }) => !resting) ?? []
  if (device === undefined) return false
  const taken = await attempt(() => open(computer).activate(key, { deviceTag, replaceDevice: device.device }))
  return taken !== undefined
}

/** Every third day another friend, who has no network afterwards. */
function friendByFriend(take: (rider: Rider, friend: Computer, before: Computer) => unknown) {
  return (rider: Rider) => {
    let day = 0
    let friends = 0
    let last = rider.main
    rider.daily(async () => {
      if (day++ % EVERY_DAYS !== 0 || friends++ === FRIENDS) return
      const friend = rider.install()
      await take(rider, friend, last)
      friend.network = 'offline'
      last = friend
    })
  }
}

/** The slot is given up there, and the folder put back as it was. */
async function giveUpAndPutBack(computer: Computer): Promise<void> {
  const files = readFiles(computer.folderOf('owner'))
  computer.network = 'online'
  await open(computer).deactivate()
  putBack(computer.folderOf('owner'), files)
  computer.network = 'offline'
}

/** What is done with one slot and several computers. */
export const SEAT_TRICKS: readonly Trick[] = [
  {
    kind: 'spread',
    name: 'freed from another computer',
    says: 'The first goes offline, the second takes its slot with replaceDevice.',
    boundDaysPerMonth: [TOKEN_DAYS, 0],
    stated: 'docs/seats.md: a device that was freed goes on offline for as long as its license token lasts',
    carries: 1,
    async play(rider) {
      rider.main.network = 'offline'
      await takeSlot(rider, rider.install())
    },
  },
  {
    kind: 'spread',
    name: 'given up, and the folder put back',
    says: 'Offline on the first computer, while the second has the slot.',
    boundDaysPerMonth: [TOKEN_DAYS, 0],
    stated: 'SECURITY.md: a copy of a license that was given up works offline until its token and grace end',
    carries: 1,
    async play(rider) {
      await giveUpAndPutBack(rider.main)
      await takeSlot(rider, rider.install())
    },
  },
  {
    kind: 'spread',
    name: 'given up, the folder put back, online',
    says: 'The first computer stays online, while the second has the slot.',
    boundDaysPerMonth: [RENEWAL_DAYS, 0],
    stated: 'docs/seats.md: revoked at its next contact, which is due when half of the token’s life is over',
    carries: 1,
    async play(rider) {
      await giveUpAndPutBack(rider.main)
      rider.main.network = 'online'
      await takeSlot(rider, rider.install())
    },
  },
  {
    kind: 'spread',
    name: 'given up and put back, on and on',
    says: 'Every third day the next computer; all of them without network.',
    boundDaysPerMonth: EACH_MOVE,
    stated: MOVED,
    carries: MOVES,
    play: friendByFriend(async (rider, friend, before) => {
      await giveUpAndPutBack(before)
      await takeSlot(rider, friend)
    }),
  },
  {
    kind: 'spread',
    name: 'a key among friends',
    says: 'Every third day the next one takes the slot, and goes offline.',
    boundDaysPerMonth: EACH_MOVE,
    stated: MOVED,
    carries: MOVES,
    play: friendByFriend(async (rider, friend) => {
      rider.main.network = 'offline'
      await takeSlot(rider, friend)
    }),
  },
  {
    kind: 'spread',
    name: 'lent, and taken back',
    says: 'A friend takes the slot and goes offline; the first computer takes it back at no cost. Every third day.',
    boundDaysPerMonth: EACH_MOVE,
    stated: `${MOVED}; taking it back is free, and each loan is a move`,
    carries: MOVES,
    play: friendByFriend(async (rider, friend) => {
      await takeSlot(rider, friend)
      await attempt(() => open(rider.main).activate(rider.key, { deviceTag: rider.main.name }))
    }),
  },
  {
    kind: 'spread',
    name: 'to and fro',
    says: 'Two people online, who take the slot from each other each day.',
    boundDaysPerMonth: [30, 30],
    stated: `${MOVED}; who loses it goes on until the next contact, and the second person cannot use it more than each day`,
    carries: 1,
    play(rider) {
      const other = rider.install()
      let day = 0
      rider.daily(() => takeSlot(rider, day++ % 2 === 0 ? other : rider.main))
    },
  },
  {
    kind: 'spread',
    name: 'five friends type the key',
    says: 'Each day, at the limit; nobody frees anything.',
    boundDaysPerMonth: [0, 0],
    stated: 'SECURITY.md: a customer cannot exceed the limit',
    carries: 0,
    play(rider) {
      const friends = Array.from({ length: 4 }, () => rider.install())
      rider.daily(async () => {
        for (const friend of friends) await attempt(() => open(friend).activate(rider.key))
      })
    },
  },
  {
    kind: 'spread',
    name: 'a copy that asks first',
    says: 'The folder goes to a second computer, which has a network; the first has none any more.',
    boundDaysPerMonth: [TOKEN_DAYS, 0],
    stated: 'docs/seats.md, “Computers that change”: the copy has the slot, and that is a move',
    carries: 1,
    play(rider) {
      rider.main.network = 'offline'
      copyFolder(rider.main, rider.install())
    },
  },
  {
    kind: 'spread',
    name: 'the folder handed on',
    says: 'Every third day to the next computer, which asks for the slot; the one before goes offline.',
    boundDaysPerMonth: EACH_MOVE,
    stated: 'docs/seats.md, “Computers that change”: such moves count as moves',
    carries: MOVES,
    play: friendByFriend(async (_, friend, before) => {
      before.network = 'offline'
      copyFolder(before, friend)
      await open(friend).start()
    }),
  },
  {
    kind: 'spread',
    name: 'the slot asked for by hand',
    says: 'Another computer names the first as its earlier self, with its license token and a key of its own; not by the app.',
    boundDaysPerMonth: [0, 0],
    stated: 'docs/seats.md: earlier ids alone do not move a slot that is bound; a token moves it only with its key',
    carries: 0,
    async play(rider) {
      const { main, key } = rider
      const other = rider.install()
      const { licenseToken } = JSON.parse(String(readFiles(main.folderOf('owner')).get('license.json')))
      const ids = [(await open(other).hostId()).hostId, (await open(main).hostId()).hostId]
      for (const claim of [{}, { licenseToken }]) {
        await fetch(`${main.release.serverUrl}/key/activate`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${main.release.accessToken}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({
            productId: main.release.productId,
            licenseKey: key,
            hostId: ids[0],
            previousHostIds: [ids[1]],
            ...claim,
          }),
        })
      }
      rider.daily(() => attempt(() => open(other).activate(key)))
    },
  },
]
