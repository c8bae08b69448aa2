import { isLicenseError } from 'keyslot/server'
import type { Connection } from './connection'

/**
 * How sure it must be that what was answered is on disk.
 *
 * - `always`: it is, when the answer goes out: it survives a power cut. Needs `appendonly yes` and `appendfsync always`.
 * - `everysec`: it survives the server's process being killed; a power cut takes up to a second of what was answered.
 *   Needs `appendonly yes`.
 * - `assumed`: nobody asks the server. For hosted Redis that refuses CONFIG GET: the provider's word is all there is.
 */
export type Durability = 'always' | 'everysec' | 'assumed'

/** Refuses a server that would lose licenses, as it is set when the store is opened. */
export async function checkDurability(connection: Connection, durability: Durability): Promise<void> {
  const memory = String(await connection.send('INFO', 'memory'))
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Error(
      `Redis has maxmemory-policy ${policy}: when memory runs short it would delete licenses. Set it to noeviction.`,
    )
  }
  if (durability === 'assumed') return

  const wanted = durability === 'always' ? ['always'] : ['always', 'everysec']
  const [appendonly, appendfsync] = [await setting(connection, 'appendonly'), await setting(connection, 'appendfsync')]
  if (appendonly === 'yes' && wanted.includes(appendfsync)) return
  throw new Error(
    `Redis has appendonly ${appendonly}, appendfsync ${appendfsync}: what was answered could be lost. ` +
      `Set appendonly yes and appendfsync ${wanted.join(' or ')}, or ask for less with the option durability.`,
  )
}

async function setting(connection: Connection, name: string): Promise<string> {
  try {
    const [, value] = await connection.send('CONFIG', 'GET', name)
    return String(value)
  } catch (cause) {
    if (isLicenseError(cause)) throw cause
    throw new Error(
      `Redis does not tell its ${name}. Where CONFIG GET is not allowed, make sure of it yourself: durability: 'assumed'.`,
      { cause },
    )
  }
}
