import type { AccountVerbs } from '../verb-families'
import { type AccessTokenRow, type AccountRow, accessTokenRecord, toAccessToken, toAccount } from './rows'
import { accountSeq, runStep } from './steps'
import type { Store } from './store'

const TOKEN_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = t.account_seq) AS account_id, t.*'

/** Signing keys, accounts and access tokens. */
export function accountVerbs(store: Store): AccountVerbs {
  return {
    listSigningKeyIds: () =>
      store.read(() =>
        store
          .sql<{ kid: string }>('SELECT kid FROM signing_keys ORDER BY seq')
          .all()
          .map(({ kid }) => kid),
      ),

    recordSigningKeyId: (kid, now) =>
      store.write(() => {
        store.sql('INSERT INTO signing_keys (kid, recorded_at) VALUES (?, ?) ON CONFLICT DO NOTHING').run(kid, now)
      }),

    insertAccount: ({ id, name, plan, createdAt }) =>
      store.write(() => {
        const text = 'INSERT INTO accounts (id, name, plan, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
        return { kind: store.sql(text).run(id, name, plan, createdAt).changes === 1 ? 'created' : 'exists' }
      }),

    findAccount: (accountId) =>
      store.read(() => {
        const row = store.sql<AccountRow>('SELECT * FROM accounts WHERE id = ?').get(accountId)
        return row === undefined ? null : toAccount(row)
      }),

    insertAccessToken: (accountId, token, step) =>
      runStep(store, accountId, step, () => {
        store.insert('access_tokens', accessTokenRecord(accountSeq(store, accountId), token))
        return { kind: 'created' }
      }),

    findAccessToken: (hash) =>
      store.read(() => {
        const row = store.sql<AccessTokenRow>(`SELECT ${TOKEN_COLUMNS} FROM access_tokens t WHERE hash = ?`).get(hash)
        return row === undefined ? null : toAccessToken(row)
      }),

    revokeAccessToken: (accountId, tokenId, step) =>
      runStep(store, accountId, step, () => {
        const text = `
          UPDATE access_tokens SET revoked_at = coalesce(revoked_at, ?)
          WHERE id = ? AND account_seq = (SELECT seq FROM accounts WHERE id = ?)`
        return { kind: store.sql(text).run(step.now, tokenId, accountId).changes === 1 ? 'revoked' : 'gone' }
      }),

    listAccessTokens: (accountId, page) =>
      store.read(() =>
        store.list(
          {
            columns: TOKEN_COLUMNS,
            from: 'access_tokens t',
            where: 'account_seq = (SELECT seq FROM accounts WHERE id = ?)',
            orderBy: 'created_at, seq',
            toEntity: toAccessToken,
          },
          [accountId],
          page,
        ),
      ),
  }
}
