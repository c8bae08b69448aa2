import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import type { TokenUse, TokenUseOutcome } from '../../domain/decide-token-use'
import type { FoundPage, PageRequest, Step, StepResult, WalkRequest } from './outcomes'

/** Signing keys, accounts and access tokens. */
export interface AccountVerbs {
  /** The `kid`s this store has been opened with, in the order they were recorded first. */
  listSigningKeyIds(): Promise<readonly string[]>
  /** Records a `kid`; one already recorded stays where it is. */
  recordSigningKeyId(kid: string, now: Date): Promise<void>
  /** Stores an account. `exists` when the id is taken: nothing is changed. */
  insertAccount(account: Account): Promise<{ readonly kind: 'created' | 'exists' }>
  findAccount(accountId: string): Promise<Account | null>
  insertAccessToken(accountId: string, token: AccessToken, step: Step<'created'>): StepResult<{ kind: 'created' }>
  /** Whose token this is, by its hash, revoked and expired ones included. The only finder without an account. */
  findAccessToken(hash: string): Promise<AccessToken | null>
  /** Marks the token revoked at `step.now`; one revoked before keeps its earlier time and is `revoked` all the same. */
  revokeAccessToken(accountId: string, tokenId: string, step: Step<'revoked'>): StepResult<{ kind: 'revoked' | 'gone' }>
  /** Writes down that a token was used, or that a revoked one still is, as `decideTokenUse` says. */
  noteTokenUse(
    accountId: string,
    tokenId: string,
    use: TokenUse,
    step: Step<'noted-refusal'>,
  ): StepResult<TokenUseOutcome>
  /** Oldest first. */
  listAccessTokens(accountId: string, page: PageRequest | WalkRequest): Promise<FoundPage<AccessToken>>
}
