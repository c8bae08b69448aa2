import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt } from '../attempt'
import { emptyFolder } from '../disk'
import type { Rider } from '../rider'
import { DAY } from '../time'
import type { Trick } from '../trick'
import { goOffline, whenPaidEnds } from './end'

/** For how long the vendor signs a license file, in days. */
const FILE_DAYS = 45
const GRACE_DAYS = 7
/** A license file is good to its own end, and its grace. */
const ONE_FILE = [30, FILE_DAYS + GRACE_DAYS - 30] as const
const UNHEARD = 'SECURITY.md, “Revocation”: a host that never hears of it keeps working until its token and grace end'

/** The vendor signs a file for the main computer. */
async function getFile({ main, key, vendor, surroundings, time }: Rider): Promise<string> {
  const { hostId } = await main.open().hostId()
  const terms = { productId: vendor.product.id, hostId, ttlSeconds: (FILE_DAYS * DAY) / 1000 }
  const file = join(surroundings.root, `${key}-${time.now}.lic`)
  await writeFile(file, JSON.stringify(await vendor.licensing().licenses.sign(key, terms)))
  return file
}

/** What becomes of license files after the license was blocked. */
export const FILE_TRICKS: readonly Trick[] = [
  {
    kind: 'alone',
    name: 'a license file after the license was blocked',
    says: `Signed for ${FILE_DAYS} days; the computer has no network.`,
    boundDaysPerMonth: ONE_FILE,
    stated: UNHEARD,
    async play(rider) {
      const file = await getFile(rider)
      whenPaidEnds(rider, async () => {
        goOffline(rider)
        await rider.main.open().importLicenseFile(file)
      })
    },
  },
  {
    kind: 'alone',
    name: 'a license file in an emptied folder',
    says: 'The app has heard that the license is blocked; then its folder is emptied, without network.',
    boundDaysPerMonth: ONE_FILE,
    stated: UNHEARD,
    async play(rider) {
      const file = await getFile(rider)
      whenPaidEnds(rider, async () => {
        await rider.main.open().refresh()
        goOffline(rider)
        emptyFolder(rider.main.folderOf('owner'))
        await rider.main.open().importLicenseFile(file)
      })
    },
  },
  {
    kind: 'alone',
    name: 'a license file imported again',
    says: 'The app has heard that the license is blocked; the file is imported again each morning.',
    boundDaysPerMonth: [0, 0],
    stated: 'SECURITY.md, “Revocation”: the kit keeps what any genuine list has said',
    async play(rider) {
      const file = await getFile(rider)
      whenPaidEnds(rider, async () => {
        await rider.main.open().refresh()
        goOffline(rider)
        rider.daily(() => attempt(() => rider.main.open().importLicenseFile(file)))
      })
    },
  },
  {
    kind: 'alone',
    name: 'a license file on another computer',
    says: 'Imported there each morning.',
    boundDaysPerMonth: [0, 0],
    stated: 'SECURITY.md, “Signatures”: tokens for another host are refused',
    async play(rider) {
      const file = await getFile(rider)
      const other = rider.install()
      other.network = 'offline'
      rider.daily(() => attempt(() => other.open().importLicenseFile(file)))
    },
  },
]
