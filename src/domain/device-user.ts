import { createHash } from 'node:crypto'
import type { Activation } from './activation'
import type { HostKey } from './host-keys'

const NAME_LENGTH = 12

/** What a user of a device is called where nobody is told whose keys it has. */
export function nameOfUser({ id }: Pick<Activation, 'id'>, { thumbprint }: Pick<HostKey, 'thumbprint'>): string {
  return createHash('sha256').update(`${id}\0${thumbprint}`).digest('base64url').slice(0, NAME_LENGTH)
}

/** The users that a device has now, the oldest first. */
export function presentUsers({ keys }: Pick<Activation, 'keys'>): readonly HostKey[] {
  return keys.filter(({ leftAt }) => leftAt === null)
}
