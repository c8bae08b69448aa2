import { decideTokenUse, type TokenUseOutcome } from '../../domain/decide-token-use'
import { type Decided, insert, only, replace } from '../../domain/decision'
import type { AccountVerbs } from './account-contract'
import { lookFor, lookUp } from './facts'
import { pageFrom, pageQuery } from './pages'
import { act, type Keeping, look, mutate } from './run-step'

export function accountVerbs(keeping: Keeping): AccountVerbs {
  return {
    listSigningKeyIds: () =>
      look(keeping, [lookFor('signingKey', { by: 'recorded', equal: [] })], ([keys], facts) =>
        facts.all('signingKey', keys).map(({ kid }) => kid),
      ),

    recordSigningKeyId: (kid, recordedAt) =>
      act<void>(keeping, {
        queries: [lookUp('signingKey', [kid])],
        decide: ([keys], facts) =>
          facts.one('signingKey', keys) === null
            ? { outcome: undefined, changes: [insert('signingKey', { kid, recordedAt })] }
            : only(undefined),
      }),

    insertAccount: (account) =>
      act<{ readonly kind: 'created' | 'exists' }>(keeping, {
        queries: [lookUp('account', [account.id])],
        decide: ([accounts], facts) =>
          facts.one('account', accounts) === null
            ? { outcome: { kind: 'created' }, changes: [insert('account', account)] }
            : only({ kind: 'exists' }),
      }),

    findAccount: (accountId) =>
      look(keeping, [lookUp('account', [accountId])], ([accounts], facts) => facts.one('account', accounts)),

    insertAccessToken: (accountId, token, step) =>
      mutate<{ kind: 'created' }>(keeping, accountId, step, {
        queries: [lookUp('accessToken', [token.id])],
        decide([tokens], facts) {
          refuseTakenId(facts.one('accessToken', tokens))
          return { outcome: { kind: 'created' }, changes: [insert('accessToken', token)] }
        },
      }),

    findAccessToken: (hash) =>
      look(keeping, [lookUp('accessToken', [hash], { by: 'hash' })], ([tokens], facts) =>
        facts.one('accessToken', tokens),
      ),

    revokeAccessToken: (accountId, tokenId, step) =>
      mutate<{ kind: 'revoked' | 'gone' }>(keeping, accountId, step, {
        queries: [lookUp('accessToken', [tokenId])],
        decide([tokens], facts): Decided<{ kind: 'revoked' | 'gone' }> {
          const token = facts.one('accessToken', tokens)
          if (token?.accountId !== accountId) return only({ kind: 'gone' })
          if (token.revokedAt !== null) return only({ kind: 'revoked' })
          const revoked = { ...token, revokedAt: step.now }
          return { outcome: { kind: 'revoked' }, changes: [replace('accessToken', token, revoked)] }
        },
      }),

    noteTokenUse: (accountId, tokenId, use, step) =>
      mutate<TokenUseOutcome>(keeping, accountId, step, {
        queries: [lookUp('accessToken', [tokenId])],
        decide([tokens], facts) {
          const token = facts.one('accessToken', tokens)
          return decideTokenUse(token?.accountId === accountId ? token : null, use, step.now)
        },
      }),

    listAccessTokens: (accountId, page) => {
      const query = pageQuery('ofAccount', [accountId], page)
      return look(keeping, [lookFor('accessToken', query)], ([tokens], facts) =>
        pageFrom('accessToken', tokens, facts, { query, page }),
      )
    },
  }
}

/** An id that is taken is a fault, not an outcome: ids are random. */
export function refuseTakenId(taken: { readonly id: string } | null): void {
  if (taken !== null) throw new Error(`id ${taken.id} is taken`)
}
