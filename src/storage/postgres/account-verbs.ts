import type { AccountVerbs } from '../verb-families'
import { orNull } from './columns'
import { accessTokenColumns, accountColumns } from './rows'
import { runStep } from './steps'
import type { Store } from './store'

/** Signing keys, accounts and access tokens. */
export function accountVerbs(store: Store): AccountVerbs {
  return {
    async listSigningKeyIds() {
      const rows = await store.rows('SELECT kid FROM @signing_keys ORDER BY seq')
      return rows.map(({ kid }) => String(kid))
    },

    async recordSigningKeyId(kid, now) {
      await store.step((statements) =>
        statements.rows(
          'INSERT INTO @signing_keys (kid, recorded_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING seq',
          [kid, now],
        ),
      )
    },

    insertAccount: ({ id, name, plan, createdAt }) =>
      store.step(async (statements) => {
        const sql = `
          INSERT INTO @accounts (id, name, plan, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id`
        return { kind: (await statements.row(sql, [id, name, plan, createdAt])) === undefined ? 'exists' : 'created' }
      }),

    async findAccount(accountId) {
      const row = await store.row('SELECT * FROM @accounts WHERE id = $1', [accountId])
      return orNull(row, accountColumns.toEntity)
    },

    insertAccessToken: (accountId, token, step) =>
      runStep(store, accountId, step, async (statements) => {
        await statements.insert('access_tokens', [accessTokenColumns.toRow({ ...token, accountId })])
        return { kind: 'created' }
      }),

    async findAccessToken(hash) {
      const row = await store.row('SELECT * FROM @access_tokens WHERE hash = $1', [hash])
      return orNull(row, accessTokenColumns.toEntity)
    },

    revokeAccessToken: (accountId, tokenId, step) =>
      runStep(store, accountId, step, async (statements) => {
        const sql = `UPDATE @access_tokens SET revoked_at = coalesce(revoked_at, $3)
          WHERE id = $1 AND account_id = $2 RETURNING id`
        const revoked = await statements.row(sql, [tokenId, accountId, step.now])
        return { kind: revoked === undefined ? 'gone' : 'revoked' }
      }),

    listAccessTokens: (accountId, page) =>
      store.list(
        {
          columns: '*',
          from: '@access_tokens',
          where: 'account_id = $1',
          orderBy: 'created_at, seq',
          toEntity: accessTokenColumns.toEntity,
        },
        [accountId],
        page,
      ),
  }
}
