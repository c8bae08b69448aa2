import type { AccountVerbs } from '../../../../../src/storage/verbs/account-contract'
import type { Handle } from './handle'
import { oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId } from './tables'

const USE_FIELDS = {
  used: 'lastUsedAt',
  refused: 'refusedAt',
  'key-in-header': 'headerKeyAt',
  'key-in-query': 'queryKeyAt',
} as const

export function accountVerbs(handle: Handle): AccountVerbs {
  return {
    listSigningKeyIds: async () => [...handle.tables.signingKeys.keys()],

    recordSigningKeyId: async (kid, now) => {
      const { signingKeys } = handle.tables
      if (!signingKeys.has(kid)) signingKeys.set(kid, new Date(now))
    },

    insertAccount: async (account) => {
      const { accounts } = handle.tables
      if (accounts.has(account.id)) return { kind: 'exists' }
      accounts.set(account.id, structuredClone(account))
      return { kind: 'created' }
    },

    findAccount: async (accountId) => structuredClone(handle.tables.accounts.get(accountId) ?? null),

    insertAccessToken: (accountId, token, step) =>
      handle.mutate(accountId, step, ({ accessTokens, accessTokenIds }) => {
        refuseTakenId(accessTokens, token)
        accessTokens.set(token.id, structuredClone(token))
        accessTokenIds.set(token.hash, token.id)
        return { kind: 'created' }
      }),

    findAccessToken: async (hash) => {
      const { accessTokens, accessTokenIds } = handle.tables
      return structuredClone(accessTokens.get(accessTokenIds.get(hash) ?? '') ?? null)
    },

    revokeAccessToken: (accountId, tokenId, step) =>
      handle.mutate(accountId, step, ({ accessTokens }) => {
        const token = owned(accessTokens, tokenId, accountId)
        if (token === null) return { kind: 'gone' }
        accessTokens.set(tokenId, { ...token, revokedAt: token.revokedAt ?? new Date(step.now) })
        return { kind: 'revoked' }
      }),

    noteTokenUse: (accountId, tokenId, use, step) =>
      handle.mutate(accountId, step, ({ accessTokens }) => {
        const token = owned(accessTokens, tokenId, accountId)
        if (token === null) return { kind: 'gone' }
        const isRefusal = use === 'refused'
        const field = USE_FIELDS[use]
        const last = token[field]
        const isKnown = last !== null && Math.abs(last.getTime() - step.now.getTime()) < 3_600_000
        if (isKnown || isRefusal === (token.revokedAt === null)) return { kind: 'known' }
        accessTokens.set(tokenId, { ...token, [field]: new Date(step.now) })
        return { kind: isRefusal ? 'noted-refusal' : 'noted-use' }
      }),

    listAccessTokens: async (accountId, page) =>
      pageOf(oldestFirst(ownedBy(accountId, handle.tables.accessTokens)), page),
  }
}
