import type { Storage } from '../contract'
import { type AccessTokenRow, type AccountRow, accessTokenRecord, toAccessToken, toAccount } from './rows'
import type { Session } from './session'
import { accountSeq, runStep } from './steps'

type AccountVerbs = Pick<
  Storage,
  | 'listSigningKeyIds'
  | 'recordSigningKeyId'
  | 'insertAccount'
  | 'findAccount'
  | 'insertAccessToken'
  | 'findAccessToken'
  | 'revokeAccessToken'
  | 'listAccessTokens'
>

const TOKEN_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = t.account_seq) AS account_id, t.*'

/** Signing keys, accounts and access tokens. */
export function accountVerbs(session: Session): AccountVerbs {
  return {
    listSigningKeyIds: () =>
      session.read(() =>
        session
          .sql<{ kid: string }>('SELECT kid FROM signing_keys ORDER BY seq')
          .all()
          .map(({ kid }) => kid),
      ),

    recordSigningKeyId: (kid, now) =>
      session.write(() => {
        session.sql('INSERT INTO signing_keys (kid, recorded_at) VALUES (?, ?) ON CONFLICT DO NOTHING').run(kid, now)
      }),

    insertAccount: ({ id, name, plan, createdAt }) =>
      session.write(() => {
        const text = 'INSERT INTO accounts (id, name, plan, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
        return { kind: session.sql(text).run(id, name, plan, createdAt).changes === 1 ? 'created' : 'exists' }
      }),

    findAccount: (accountId) =>
      session.read(() => {
        const row = session.sql<AccountRow>('SELECT * FROM accounts WHERE id = ?').get(accountId)
        return row === undefined ? null : toAccount(row)
      }),

    insertAccessToken: (accountId, token, step) =>
      runStep(session, accountId, step, () => {
        session.insert('access_tokens', accessTokenRecord(accountSeq(session, accountId), token))
        return { kind: 'created' }
      }),

    findAccessToken: (hash) =>
      session.read(() => {
        const row = session.sql<AccessTokenRow>(`SELECT ${TOKEN_COLUMNS} FROM access_tokens t WHERE hash = ?`).get(hash)
        return row === undefined ? null : toAccessToken(row)
      }),

    revokeAccessToken: (accountId, tokenId, step) =>
      runStep(session, accountId, step, () => {
        const text = `
          UPDATE access_tokens SET revoked_at = coalesce(revoked_at, ?)
          WHERE id = ? AND account_seq = (SELECT seq FROM accounts WHERE id = ?)`
        return { kind: session.sql(text).run(step.now, tokenId, accountId).changes === 1 ? 'revoked' : 'gone' }
      }),

    listAccessTokens: (accountId, page) =>
      session.read(() =>
        session.list(
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
