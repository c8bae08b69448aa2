import assert from 'node:assert/strict'
import { CONTRACT_VERSION } from '../../../../src/storage/verbs/store'
import { ACCOUNT, NOW } from './entities'
import { tally } from './outcomes'
import type { ConformanceGroup } from './stage'

export const handle: ConformanceGroup = {
  name: 'handle, signing keys, accounts',
  tests: {
    'is written for this version of the contract': async ({ storage }) => {
      assert.equal(storage.contractVersion, CONTRACT_VERSION)
      assert.notEqual(storage.name, '')
    },

    'has the capabilities it was declared with': async ({ storage, without }) => {
      const capabilities = [
        'events',
        'idempotency',
        'sessions',
        'revocations',
        'outbox',
        'allowances',
        'transfer',
      ] as const
      const declared = capabilities.map((capability) => [capability, !without.includes(capability)])
      assert.deepEqual({ ...storage.capabilities }, Object.fromEntries(declared))
    },

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
