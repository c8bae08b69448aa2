import { existsSync } from 'node:fs'
import { DEFAULT_ACCOUNT_ID } from '../domain/account'
import { LicenseError } from '../protocol/license-error'
import { createReadingLicensing } from '../server/create-licensing'
import {
  createKeyring,
  createLicensing,
  isLicenseError,
  type KeyringSource,
  type Licensing,
  type LicensingOptions,
  loadKeyring,
} from '../server/index'
import type { Storage } from '../storage/contract'
import { memoryStorage } from '../storage/memory'
import { createStore } from '../storage/verbs/create-store'
import type { Store } from '../storage/verbs/store'
import type { StoreOptions } from './commands/store-options'
import { CommandFailure, UsageError } from './failure'
import { describeLocation, keyringSourceOf, parseStorage, type StorageLocation } from './storage-location'

/** A store, opened, with the licensing service over it. */
export interface StoreInUse {
  readonly store: Store
  readonly licensing: Licensing
}

/** With what signs. `licensing.close()` closes both. */
export interface OpenStore extends StoreInUse {
  readonly location: StorageLocation
  /** Undefined where the keyring is in memory only. */
  readonly keyringSource: KeyringSource | undefined
}

/** How to run the licensing service. A choice that is left out has the default of the service. */
export interface ServiceChoices
  extends Pick<
    LicensingOptions,
    'housekeepingSeconds' | 'freeUnseenAfterSeconds' | 'rateLimits' | 'webhooks' | 'keymintWire'
  > {
  readonly adoptKeys?: boolean
}

/**
 * Opens the store of a server. Makes the database and the keyring file (mode 0600) where they are missing.
 *
 * @throws {UsageError} for a `--storage` that names no kind of store
 * @throws {LicenseError} as `createLicensing` and `loadKeyring`; KEYRING_MISMATCH also when the keyring file of a store
 * that has been used is missing: a new keyring in its place would hide the loss
 */
export async function openStore(
  options: StoreOptions,
  { adoptKeys = false, ...choices }: ServiceChoices = {},
): Promise<OpenStore> {
  const location = parseStorage(options.storage)
  const keyringSource = keyringSourceOf(location, options)
  if (!adoptKeys) await requireKeyringOfUsedStore(location, keyringSource)
  const keyring = keyringSource === undefined ? createKeyring(new Date()) : await loadKeyring(keyringSource)
  const storage = await createStorage(location)
  const licensing = await createLicensing({
    storage,
    keyring,
    adoptNewKeyring: adoptKeys,
    ...choices,
  }).catch((error: unknown) => {
    throw keyringSource !== undefined && isLicenseError(error, 'KEYRING_MISMATCH') ? mismatch(keyringSource) : error
  })
  return { location, store: createStore(storage), keyringSource, licensing }
}

/** Choices of a command that works on a store. */
export interface StoreWork {
  /** Make the store if there is none. */
  readonly create?: boolean
  readonly allowedPrivateHosts?: readonly string[]
  readonly freeUnseenAfterSeconds?: number
}

/**
 * Does some work on a store that a server may be using at the same time, and closes it again. Webhooks are left to
 * that server, since most commands end too soon to deliver any.
 *
 * @throws {UsageError} for a store in memory, which is inside its server's process
 * @throws {CommandFailure} when there is no store, unless `create` is true: a mistyped name must not make a store
 */
export async function withStore(
  options: StoreOptions,
  work: (store: OpenStore) => Promise<void>,
  { create = false, allowedPrivateHosts = [], ...choices }: StoreWork = {},
): Promise<void> {
  await requireStore(options, create)
  const webhooks = { deliver: false, allowedPrivateHosts }
  const store = await openStore(options, { housekeepingSeconds: 0, webhooks, ...choices })
  try {
    await work(store)
  } finally {
    await store.licensing.close()
  }
}

/**
 * Does some work that only reads a store. It needs no signing keys, so that whoever answers customers need not have them.
 * @throws {UsageError} and {CommandFailure} as `withStore`
 */
export async function readStore(options: StoreOptions, work: (store: StoreInUse) => Promise<void>): Promise<void> {
  const location = await requireStore(options, false)
  const storage = await createStorage(location)
  const licensing = await createReadingLicensing({ storage, keyring: createKeyring(new Date()) })
  try {
    await work({ store: createStore(storage), licensing })
  } finally {
    await licensing.close()
  }
}

async function requireStore(options: StoreOptions, create: boolean): Promise<StorageLocation> {
  const location = parseStorage(options.storage)
  if (location.kind === 'memory') {
    throw new UsageError(
      'a store in memory is inside its server and cannot be reached; this needs --storage sqlite:FILE or postgres://…',
    )
  }
  if (!create && !(await isMade(location))) {
    const where = location.kind === 'sqlite' ? location.file : describeLocation(location)
    throw new CommandFailure(`there is no store at ${where}; keyslot serve or keyslot product create makes one`)
  }
  return location
}

/** The storage at a location; it is not open yet. */
export async function createStorage(location: StorageLocation): Promise<Storage> {
  if (location.kind === 'memory') return memoryStorage()
  if (location.kind === 'sqlite') {
    const { sqliteStorage } = await import('../storage/sqlite/index')
    return sqliteStorage({ file: location.file })
  }
  const { postgresStorage } = await import('../storage/postgres/index')
  const { connectionString, schema } = location
  return postgresStorage({ connectionString, ...(schema !== undefined && { schema }) })
}

/** True when there is a store. A PostgreSQL database is a store once a server or a command has made an account in it. */
async function isMade(location: StorageLocation): Promise<boolean> {
  if (location.kind === 'sqlite') return existsSync(location.file)
  return look(location, async (store) => (await store.findAccount(DEFAULT_ACCOUNT_ID)) !== null)
}

/** True when license tokens may have been signed for this store. */
function isUsed(location: StorageLocation): Promise<boolean> {
  return look(location, async (store) => (await store.listSigningKeyIds()).length > 0)
}

async function look(location: StorageLocation, ask: (store: Store) => Promise<boolean>): Promise<boolean> {
  const store = createStore(await createStorage(location))
  await store.open()
  try {
    return await ask(store)
  } finally {
    await store.close()
  }
}

async function requireKeyringOfUsedStore(location: StorageLocation, keyring: KeyringSource | undefined): Promise<void> {
  if (location.kind === 'memory' || typeof keyring !== 'string' || existsSync(keyring)) return
  if (location.kind === 'sqlite' && !existsSync(location.file)) return
  // A first start makes the keyring before it uses the store. Of two at once, the other has made the keyring by now.
  if ((await isUsed(location)) && !existsSync(keyring)) throw mismatch(keyring)
}

function mismatch(keyring: KeyringSource): LicenseError {
  const isMissing = typeof keyring === 'string' && !existsSync(keyring)
  const fault = `${typeof keyring === 'string' ? keyring : keyring.env} ${isMissing ? 'is missing, and with it' : 'does not hold'}`
  return new LicenseError(
    'KEYRING_MISMATCH',
    `${fault} the key this store was last used with: apps that trust it would refuse every new license ` +
      'token. Name the keyring that holds it with --keys FILE, or restore it; only where it is lost and every app is to be ' +
      'shipped anew, start keyslot serve with --adopt-keys',
  )
}
