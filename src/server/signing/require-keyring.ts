import { LicenseError } from '../../protocol/license-error'
import type { Store } from '../../storage/verbs/store'
import { allKeys, type Keyring } from './keyring'

/** What a store is opened with. */
export interface KeyringInUse {
  readonly keyring: Keyring
  /** Set where every app is shipped anew with the keys of this keyring. */
  readonly adoptNewKeyring: boolean
}

/**
 * Refuses to start on a keyring that lacks the key this store was last used with: a silently new keyring would turn every
 * shipped app `untrusted`. Records the current key of one that has it.
 *
 * @throws {LicenseError} KEYRING_MISMATCH
 */
export async function requireKeyring(
  { keyring, adoptNewKeyring }: KeyringInUse,
  store: Store,
  now: Date,
): Promise<void> {
  const lastUsed = (await store.listSigningKeyIds()).at(-1)
  const holdsIt = lastUsed === undefined || allKeys(keyring).some((key) => key.kid === lastUsed)
  if (!holdsIt && !adoptNewKeyring) {
    throw new LicenseError(
      'KEYRING_MISMATCH',
      `The keyring lacks the key this store was last used with (${lastUsed}): apps that trust it would refuse every ` +
        'new license token. Restore the keyring, or set adoptNewKeyring if every app is to be shipped anew',
    )
  }
  await store.recordSigningKeyId(keyring.current.kid, now)
}
