import { DAY, HOUR } from './time'
import type { Vendor } from './vendor'

/** What happens to the vendor, and so to everybody at once. */
export interface Event {
  readonly day: number
  readonly name: string
  /** For how long it may touch somebody, in days. */
  readonly lasts: number
  /** How long somebody who paid may be without a usable license for it, in days. */
  readonly boundDays: number
  /** True where it needs the backup of the night before. */
  readonly needsBackup?: true
  play(vendor: Vendor): Promise<unknown> | unknown
}

/** A vendor's year of 365 days, in the order of days. */
export function vendorYear(): readonly Event[] {
  let endOldToken: (() => Promise<void>) | undefined
  return [
    { day: 50, name: 'its clock six minutes ahead', lasts: 22, boundDays: 0, play: (v) => v.setClock(HOUR / 10) },
    { day: 53, name: 'its clock mended', lasts: 22, boundDays: 0, play: (v) => v.setClock(0) },
    {
      day: 80,
      name: 'restored from last night’s backup',
      lasts: 22,
      boundDays: 0,
      needsBackup: true,
      play: (v) => v.restore(),
    },
    { day: 110, name: 'down for three days', lasts: 4, boundDays: 4, play: (v) => v.goDown() },
    { day: 113, name: 'up again', lasts: 1, boundDays: 0, play: (v) => v.comeBack() },
    { day: 140, name: 'its clock a day ahead', lasts: 22, boundDays: 1, play: (v) => v.setClock(DAY) },
    { day: 141, name: 'its clock mended again', lasts: 22, boundDays: 1, play: (v) => v.setClock(0) },
    { day: 170, name: 'signing key rotated', lasts: 22, boundDays: 0, play: (v) => v.rotateKeys() },
    {
      day: 174,
      name: 'the old one, which was stolen, revoked',
      lasts: 22,
      boundDays: 0,
      play: (v) => v.revokeOldKey(),
    },
    {
      day: 200,
      name: 'a new publishable token',
      lasts: 14,
      boundDays: 0,
      async play(vendor) {
        endOldToken = await vendor.rotateToken()
      },
    },
    { day: 221, name: 'the old token revoked', lasts: 22, boundDays: 0, play: () => endOldToken?.() },
    { day: 250, name: 'restored again', lasts: 22, boundDays: 0, needsBackup: true, play: (v) => v.restore() },
    {
      day: 290,
      name: 'lost, and rebuilt elsewhere',
      lasts: 22,
      boundDays: 0,
      needsBackup: true,
      play: (v) => v.moveAway(),
    },
  ]
}
