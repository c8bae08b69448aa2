import type { AccessToken, Account, Storage } from 'keyslot/storage'
import { accountAsk, tokenAsk } from '../asks'
import { rowOf } from '../rows'
import type { Store } from '../store'

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

export function accountVerbs(store: Store): AccountVerbs {
  return {
    listSigningKeyIds: async () => {
      const keys = await store.findAll<{ readonly kid: string }>('accounts', 'listSigningKeyIds', {})
      return keys.map(({ kid }) => kid)
    },
    recordSigningKeyId: async (kid, recordedAt) => {
      await store.ask('accounts', 'recordSigningKeyId', { kid, row: rowOf({ kid, recordedAt }) })
    },
    insertAccount: (account) => store.ask('accounts', 'insertAccount', { new: accountAsk(account) }),
    findAccount: (account) => store.find<Account>('accounts', 'findAccount', { account }),

    insertAccessToken: (accountId, token, step) =>
      store.mutate('accounts', 'insertAccessToken', accountId, step, { new: tokenAsk(token) }),
    findAccessToken: (hash) => store.find<AccessToken>('accounts', 'findAccessToken', { hash }),
    revokeAccessToken: (accountId, id, step) => store.mutate('accounts', 'revokeAccessToken', accountId, step, { id }),
    listAccessTokens: (account, page) => store.page('accounts', 'listAccessTokens', page, { account }),
  }
}
