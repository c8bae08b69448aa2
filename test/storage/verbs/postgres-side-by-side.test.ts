import { afterEach, expect, it } from 'vitest'
import { postgresStorage } from '../../../src/storage/postgres'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT } from './kit/entities'
import { createPostgresScratch, say } from './postgres-scratch'
import { releaseSideBySide } from './side-by-side-scene'

const stores: Store[] = []
// Before the scratch drops the schema: hooks run last made first.
const scratch = createPostgresScratch()
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

it('hosts of many licenses are released side by side, by four stores on one database', async () => {
  const { url, schema } = await scratch.schema()
  const conflicts = await releaseSideBySide(
    () => postgresStorage({ connectionString: url, schema }),
    async (store) => {
      stores.push(store)
      await store.open()
      await store.insertAccount(ACCOUNT)
      return store
    },
  )
  say('side by side', { conflicts })
  expect(conflicts).toBeLessThan(0.05)
})
