import assert from 'node:assert/strict'
import type { TokenUse } from '../../../../src/domain/decide-token-use'
import { ACCOUNT, ALL, after, HOUR_MS, NOW, newAccessToken, newEvent, OTHER_ACCOUNT } from './entities'
import type { ConformanceGroup } from './stage'

export const accessTokens: ConformanceGroup = {
  name: 'access tokens',
  tests: {
    'finds a token by its hash, expired and revoked ones too': async ({ storage }) => {
      const tokens = [
        newAccessToken('plain'),
        newAccessToken('full', {
          kind: 'publishable',
          scopes: ['licenses:activate'],
          productIds: ['prod_a', 'prod_b'],
          allowedAddresses: ['192.0.2.0/24', '2001:db8::1'],
          expiresAt: after(-1),
          revokedAt: after(-2),
          lastUsedAt: after(-3),
          refusedAt: after(-1),
          wire: 'before',
          headerKeyAt: after(-4),
          queryKeyAt: after(-5),
        }),
        newAccessToken('empty', { scopes: [], productIds: [], allowedAddresses: [] }),
      ]
      for (const token of tokens) {
        assert.deepEqual(await storage.insertAccessToken(ACCOUNT.id, token, { now: NOW }), { kind: 'created' })
        assert.deepEqual(await storage.findAccessToken(token.hash), token)
      }
      assert.equal(await storage.findAccessToken('f'.repeat(64)), null)
    },

    'revokes once; again changes nothing but succeeds': async ({ storage }) => {
      const token = newAccessToken('plain')
      await storage.insertAccessToken(ACCOUNT.id, token, { now: NOW })
      for (const now of [after(1), after(2)]) {
        assert.deepEqual(await storage.revokeAccessToken(ACCOUNT.id, token.id, { now }), { kind: 'revoked' })
        assert.deepEqual(await storage.findAccessToken(token.hash), { ...token, revokedAt: after(1) })
      }
      assert.deepEqual(await storage.revokeAccessToken(ACCOUNT.id, 'tok_unknown', { now: NOW }), { kind: 'gone' })
    },

    'notes a use, or the refusal of a revoked one, once an hour, with what is told of it': async ({ storage }) => {
      const token = newAccessToken('plain')
      await storage.insertAccessToken(ACCOUNT.id, token, { now: NOW })
      const note = async (use: TokenUse, now: Date, accountId = ACCOUNT.id) => {
        const events = {
          'noted-refusal': [newEvent(`at-${now.getTime()}`, { type: 'access-token.revoked-used', at: now })],
        }
        return (await storage.noteTokenUse(accountId, token.id, use, { now, events })).kind
      }
      assert.equal(await note('refused', NOW), 'known')
      assert.equal(await note('used', NOW), 'noted-use')
      assert.equal(await note('used', after(HOUR_MS - 1)), 'known')
      assert.equal(await note('used', after(HOUR_MS)), 'noted-use')
      assert.equal(await note('used', after(HOUR_MS), OTHER_ACCOUNT.id), 'gone')
      for (const use of ['key-in-header', 'key-in-query'] as const) {
        assert.equal(await note(use, NOW), 'noted-use')
        assert.equal(await note(use, after(HOUR_MS - 1)), 'known')
      }
      await storage.revokeAccessToken(ACCOUNT.id, token.id, { now: after(HOUR_MS) })
      assert.equal(await note('used', after(9 * HOUR_MS)), 'known')
      assert.equal(await note('refused', after(2 * HOUR_MS)), 'noted-refusal')
      assert.equal(await note('refused', after(3 * HOUR_MS - 1)), 'known')
      assert.equal(await note('refused', after(3 * HOUR_MS)), 'noted-refusal')
      const times = {
        revokedAt: after(HOUR_MS),
        lastUsedAt: after(HOUR_MS),
        refusedAt: after(3 * HOUR_MS),
        headerKeyAt: NOW,
        queryKeyAt: NOW,
      }
      assert.deepEqual(await storage.findAccessToken(token.hash), { ...token, ...times })
      assert.equal((await storage.listEvents(ACCOUNT.id, {}, ALL)).items.length, 2)
    },

    'lists oldest first': async ({ storage }) => {
      for (const [name, age] of Object.entries({ middle: 2, oldest: 3, newest: 1 })) {
        await storage.insertAccessToken(ACCOUNT.id, newAccessToken(name, { createdAt: after(-age) }), { now: NOW })
      }
      const { items, total } = await storage.listAccessTokens(ACCOUNT.id, ALL)
      assert.deepEqual(
        items.map(({ name }) => name),
        ['oldest', 'middle', 'newest'],
      )
      assert.equal(total, 3)
    },
  },
}
