import { expect, it } from 'vitest'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { releaseSideBySide } from './side-by-side-scene'
import { createScratch } from './sqlite-scratch'

const scratch = createScratch()

it('hosts of many licenses are released side by side, by four stores on one file', async () => {
  const file = scratch.file()
  const conflicts = await releaseSideBySide(
    () => sqliteStorage({ file }),
    (store) => scratch.opened(store),
  )
  console.info(`sqlite: ${conflicts} conflicts per release`)
  expect(conflicts).toBeLessThan(0.05)
})
