import assert from 'node:assert/strict'
import { ACCOUNT, NOW } from './entities'
import { tally } from './outcomes'
import type { ConformanceGroup } from './stage'

export const handle: ConformanceGroup = {
  name: 'handle, signing keys, accounts',
  tests: {
    'answers a ping while it is open': async ({ storage }) => {
      await storage.ping()
      await storage.close()
      await assert.rejects(storage.ping())
    },

    'closes twice': async ({ storage }) => {
      await storage.close()
      await storage.close()
    },

    'keeps signing key ids in the order they were recorded first': async ({ storage }) => {
      assert.deepEqual(await storage.listSigningKeyIds(), [])
      for (const kid of ['kid-2', 'kid-1', 'kid-2', 'kid-3', 'kid-1']) await storage.recordSigningKeyId(kid, NOW)
      assert.deepEqual(await storage.listSigningKeyIds(), ['kid-2', 'kid-1', 'kid-3'])
    },

    'finds an account, and null for one it has not': async ({ storage }) => {
      assert.deepEqual(await storage.findAccount(ACCOUNT.id), ACCOUNT)
      assert.equal(await storage.findAccount('acct_unknown'), null)
    },

    'leaves an account alone when its id is inserted again': async ({ storage }) => {
      assert.deepEqual(await storage.insertAccount({ ...ACCOUNT, name: 'Usurper' }), { kind: 'exists' })
      assert.deepEqual(await storage.findAccount(ACCOUNT.id), ACCOUNT)
    },

    'creates an account once when many insert it': async ({ storage }) => {
      const account = { ...ACCOUNT, id: 'acct_contested' }
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => storage.insertAccount(account)))
      assert.deepEqual(tally(outcomes), { created: 1, exists: 19 })
    },
  },
}
