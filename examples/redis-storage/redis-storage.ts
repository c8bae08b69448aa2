import { CONTRACT_VERSION, type Storage } from 'keyslot/storage'
import { Connection, type ConnectionOptions } from './connection'
import { checkDurability, type Durability } from './durability'
import { Store } from './store'
import { accountVerbs } from './verbs/accounts'
import { activationVerbs } from './verbs/activations'
import { allowanceVerbs } from './verbs/allowances'
import { customerVerbs } from './verbs/customers'
import { housekeepingVerbs } from './verbs/housekeeping'
import { licenseVerbs } from './verbs/licenses'
import { productVerbs } from './verbs/products'
import { sessionVerbs } from './verbs/sessions'
import { transferVerbs } from './verbs/transfer'
import { webhookVerbs } from './verbs/webhooks'

export interface RedisStorageOptions extends ConnectionOptions {
  /**
   * What all keys begin with; default `{keyslot}:`. The part in braces keeps them in one slot of Redis Cluster, where a
   * script can reach them all.
   */
  readonly prefix?: string
  /** How sure it must be that what was answered is on disk; default `always`. See {@link Durability}. */
  readonly durability?: Durability
}

/** How the keys are laid out. A store of another layout is refused. */
const LAYOUT = '1'

/**
 * keyslot's storage contract on Redis: every verb is one script, which Redis runs alone.
 * @throws {TypeError} when the prefix has no part in braces
 */
export function redisStorage(options: RedisStorageOptions): Storage {
  const { prefix = '{keyslot}:', durability = 'always' } = options
  if (!/\{[^}]+\}/.test(prefix)) throw new TypeError(`prefix ${prefix} needs a part in braces, such as {keyslot}:`)
  const connection = new Connection(options)
  const store = new Store(connection, prefix)

  return {
    contractVersion: CONTRACT_VERSION,
    name: 'redis',
    capabilities: {
      events: true,
      idempotency: true,
      sessions: true,
      revocations: true,
      outbox: true,
      allowances: true,
      transfer: true,
    },

    async open() {
      await connection.open()
      try {
        await checkDurability(connection, durability)
        await connection.send('SET', `${prefix}layout`, LAYOUT, 'NX')
        const layout = await connection.send('GET', `${prefix}layout`)
        if (layout !== LAYOUT) throw new Error(`Redis holds layout ${String(layout)} of keyslot, not ${LAYOUT}`)
      } catch (error) {
        await connection.close()
        throw error
      }
    },
    close: () => connection.close(),
    async ping() {
      await connection.send('PING')
    },

    ...accountVerbs(store),
    ...productVerbs(store),
    ...customerVerbs(store),
    ...licenseVerbs(store),
    ...activationVerbs(store),
    ...allowanceVerbs(store),
    ...sessionVerbs(store),
    ...webhookVerbs(store),
    ...housekeepingVerbs(store),
    ...transferVerbs(store),
  }
}
