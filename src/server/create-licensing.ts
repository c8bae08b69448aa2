import { type Account, DEFAULT_ACCOUNT_ID } from '../domain/account'
import type { EventType } from '../domain/event'
import { createId } from '../domain/random'
import type { JwkSet } from '../protocol/jwk'
import type { RouteDefinition } from '../protocol/routes'
import { createAccount } from '../protocol/schemas/in-process'
import { parserOf } from '../protocol/schemas/parse-input'
import { createStore } from '../storage/verbs/create-store'
import type { Store } from '../storage/verbs/store'
import { createOneByOne } from '../waiting/one-by-one'
import { type AccountApi, createAccountApi } from './api/account-api'
import { parseAccountId } from './api/names'
import type { DispatchReport } from './events/dispatcher-options'
import { createEventBus, type EventListener } from './events/event-bus'
import { quietLogger } from './events/quiet-logger'
import { createWebhooks } from './events/webhooks'
import { type Housekept, startHousekeeping } from './housekeeping'
import { serveEndpoints } from './http/endpoints'
import { createIdempotencyGate } from './http/idempotency'
import { createWireListener } from './http/keymint-wire'
import { createErrorHandler, createRouter, type ErrorHandler, type Router } from './http/mounts/express'
import { createProofNonces } from './http/proof/nonce'
import { createProofVerifier } from './http/proof/verify-proof'
import { createRateLimiter, type RateLimiter, UNLIMITED } from './http/rate-limit'
import { parseRateLimits } from './http/rate-limits'
import { tellAnswers } from './http/tell-answers'
import { type LicensingConfig, type LicensingOptions, parseOptions } from './options'
import { createTokenAuthenticator } from './service/access-tokens'
import type { ServiceContext } from './service/context'
import { createTokenUses } from './service/token-uses'
import { createToldRefusals } from './service/told-refusals'
import { publishKeys } from './signing/key-statement'
import { trustedKeys } from './signing/keyring'
import { requireKeyring } from './signing/require-keyring'
import { createSealer } from './signing/sealer'

interface CreateAccount {
  readonly name: string
  readonly plan?: Account['plan']
}

const parseCreateAccount = parserOf<CreateAccount>()(createAccount)

/** A licensing service, ready to be mounted. The four APIs act for the default account. */
export interface Licensing extends AccountApi {
  /** Mount it anywhere: `app.use('/licensing', licensing.router)`. Paths it does not know go on to your app untouched. */
  readonly router: Router
  /**
   * Only for apps that parse bodies before the router: `app.use(licensing.errorHandler)`, before your own error
   * handler, so that a body your parser refuses is answered in the shape of the route it was for. It only tells: a
   * request that comes to it is never carried out.
   */
  readonly errorHandler: ErrorHandler
  /** The public keys, current key first, for the `trustedKeys` of the client kit; see {@link JwkSet} for what else. */
  readonly jwks: JwkSet
  /** The default account's id. */
  readonly accountId: string
  /**
   * The same APIs for another account.
   * @throws {LicenseError} MISSING_PARAMS, INVALID_REQUEST when the id is no text
   */
  forAccount(accountId: string): AccountApi
  /** Makes an account. Plan `pro` may choose the alias that leads AuthTool keys; default `pro`. */
  createAccount(input: CreateAccount): Promise<Account>
  /**
   * Deletes what has had its day and, with `freeUnseenAfterSeconds`, frees hosts that were not seen, in batches; runs on its
   * own unless `housekeepingSeconds` is 0.
   */
  runHousekeeping(): Promise<Housekept>
  /**
   * Delivers webhooks until nothing more is due; runs on its own unless `webhooks.deliver` is false.
   * @throws {LicenseError} STORAGE_UNAVAILABLE when the storage cannot be asked
   */
  runWebhooks(): Promise<DispatchReport>
  /**
   * Calls `listener` after every event of this type that this process stores, such as `license.activated`. What it throws
   * is logged. Use a webhook for what must not be missed.
   * @throws {TypeError} where there are no events of this type, naming the type that may be meant
   */
  on<T extends EventType>(type: T, listener: EventListener<T>): void
  off<T extends EventType>(type: T, listener: EventListener<T>): void
  /** Stops background work and closes the storage, once the steps under way are done. */
  close(): Promise<void>
}

const IN_PROCESS_ACTOR = { id: 'api', address: null }

/**
 * Opens the storage and wires a licensing service over it.
 *
 * @throws {TypeError} on an unknown or impossible option
 * @throws {LicenseError} PEER_MISSING when the driver the storage needs is not installed
 * @throws {LicenseError} KEYRING_MISMATCH when the keyring lacks the key this store was last opened with
 * @throws {LicenseError} STORAGE_UNAVAILABLE or STORAGE_INCOMPATIBLE when the storage cannot be opened
 */
export async function createLicensing(options: LicensingOptions): Promise<Licensing> {
  const config = configOf(options)
  warnOfLoss(config)
  return await openLicensing(config, requireKeyring)
}

/**
 * The same over a store that is only read: any keyring will do, and nobody trusts what it would sign. Without background work.
 *
 * @throws {LicenseError} PEER_MISSING, STORAGE_UNAVAILABLE or STORAGE_INCOMPATIBLE as `createLicensing`
 */
export async function createReadingLicensing(
  options: Pick<LicensingOptions, 'storage' | 'keyring'>,
): Promise<Licensing> {
  const config = configOf({ ...options, housekeepingSeconds: 0, webhooks: { deliver: false } })
  return await openLicensing(config, async () => undefined)
}

function configOf(options: LicensingOptions): LicensingConfig {
  const config = parseOptions(options)
  return { ...config, logger: quietLogger(config.logger) }
}

async function openLicensing(config: LicensingConfig, requireKeys: typeof requireKeyring): Promise<Licensing> {
  const { keyring, logger, now, random } = config
  const bus = createEventBus(logger)
  const store = createStore(config.storage, {
    onStored(events) {
      for (const event of events) bus.emit(event)
      webhooks.wake(events.map(({ accountId }) => accountId))
    },
  })
  const webhooks = createWebhooks(config, store)
  await openStore(config, store, requireKeys)
  const jwks = await publishKeys(keyring, config.issuer)
  const context: ServiceContext = {
    store,
    signingKey: keyring.current,
    signingKeyFor: (kid) => trustedKeys(keyring).find((key) => key.kid === kid) ?? keyring.current,
    sealer: createSealer(keyring, random),
    jwks,
    issuer: config.issuer,
    seats: config.seats,
    toldRefusals: createToldRefusals(),
    bigReads: createOneByOne(),
    now,
    random,
  }
  const limits = createLimiter(config)
  const uses = createTokenUses({ store, now, random, warn: (message) => logger.warn(message) })
  const tokens = createTokenAuthenticator(store, now, {
    uses,
    cacheSeconds: config.accessTokenCacheSeconds,
    cacheSize: config.accessTokenCacheSize,
  })
  const logError = (error: unknown, { method, path }: RouteDefinition) =>
    logger.error(`keyslot: ${method} ${path} failed`, error)
  const served = serveEndpoints(
    {
      context,
      tokens,
      limits,
      proofs: createProofVerifier(createProofNonces(keyring.current, now), now),
      idempotency: createIdempotencyGate(),
      wires: createWireListener({ option: config.keymintWire, uses, now, warn: (message) => logger.warn(message) }),
      logError,
      warn: (message) => logger.warn(message),
    },
    config,
  )
  const endpoints = tellAnswers(served, config.onAnswer, (error) => logger.error('keyslot: onAnswer failed', error))
  const housekeeping = startHousekeeping(config, context)
  const forAccount = (accountId: string) =>
    createAccountApi(
      context,
      { accountId: parseAccountId(accountId), actor: IN_PROCESS_ACTOR, proof: { trusted: true } },
      tokens,
      webhooks,
    )
  if (config.webhooks.deliver !== false) webhooks.start()
  return {
    ...forAccount(DEFAULT_ACCOUNT_ID),
    router: createRouter(endpoints, (message) => logger.warn(message)),
    errorHandler: createErrorHandler(endpoints, config.mountPath),
    jwks,
    accountId: DEFAULT_ACCOUNT_ID,
    forAccount,
    async createAccount(input) {
      const { name, plan = 'pro' } = parseCreateAccount(input)
      const account = { id: createId('acct', random), name, plan, createdAt: now() }
      await store.insertAccount(account)
      return account
    },
    runHousekeeping: housekeeping.run,
    runWebhooks: webhooks.runOnce,
    on: bus.on,
    off: bus.off,
    async close() {
      await housekeeping.stop()
      await webhooks.stop()
      await limits.close()
      await uses.idle()
      await store.close()
    },
  }
}

function createLimiter({ rateLimits, rateLimitStore, logger }: LicensingConfig): RateLimiter {
  if (rateLimits === false) return UNLIMITED
  return createRateLimiter(parseRateLimits(rateLimits), rateLimitStore, (message) => logger.warn(message))
}

/** What works but is gone with the process is said once, so that nobody sells licenses on it by oversight. */
function warnOfLoss({ storage, keyring, logger }: LicensingConfig): void {
  if (storage.name === 'memory') {
    logger.warn('keyslot: memory storage forgets every license when the process ends; use it for tests only')
  }
  if (keyring.ephemeral) {
    logger.warn('keyslot: this keyring is kept nowhere; apps that trust it are lost with the process. Use loadKeyring')
  }
}

async function openStore(config: LicensingConfig, store: Store, requireKeys: typeof requireKeyring): Promise<void> {
  const { now } = config
  await store.open()
  try {
    await requireKeys(config, store, now())
    await store.insertAccount({ id: DEFAULT_ACCOUNT_ID, name: 'default', plan: 'pro', createdAt: now() })
  } catch (error) {
    await store.close()
    throw error
  }
}
