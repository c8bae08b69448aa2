import { describe, expect, it } from 'vitest'
import { mayFollow } from '../../src/domain/choose-slot'
import type { HostKey } from '../../src/domain/host-keys'
import { hostKey } from './host-key'

const AT = new Date('2026-03-01T12:00:00Z')
const renewed = (thumbprint: string, count: number): HostKey => ({
  ...hostKey(thumbprint, AT),
  renewals: { count, previous: count - 1, at: AT, ended: -1, clonedAt: null },
})
const held = {
  licenseId: 'lic',
  hostId: 'before',
  keys: [renewed('key', 5), renewed('other', 9), hostKey('fresh', AT)],
}
const token = (renewal: number, changes: object = {}) => ({ licenseId: 'lic', hostId: 'before', renewal, ...changes })

describe('whether the slot of a previous host may go on with a host', () => {
  it.each<[string, Parameters<typeof mayFollow>[1], boolean]>([
    ['no token is shown: it says that it is the same host', { proofKey: 'key' }, true],
    ['the newest token', { proofKey: 'key', previousToken: token(5) }, true],
    ['a token before: the old host has renewed since', { proofKey: 'key', previousToken: token(4) }, false],
    ['a token ahead: the server is from a backup', { proofKey: 'key', previousToken: token(6) }, true],
    ['another user renewing is no matter', { proofKey: 'key', previousToken: token(5) }, true],
    ['the newest of its own user', { proofKey: 'other', previousToken: token(9) }, true],
    ['the number of another user', { proofKey: 'other', previousToken: token(5) }, false],
    ['a key that never renewed', { proofKey: 'fresh', previousToken: token(0) }, true],
    ['a key that the host does not know', { proofKey: 'stranger', previousToken: token(9) }, false],
    ['the token of another host', { proofKey: 'key', previousToken: token(4, { hostId: 'else' }) }, true],
    ['the token of another license', { proofKey: 'key', previousToken: token(4, { licenseId: 'else' }) }, true],
  ])('%s', (_, claim, follows) => {
    expect(mayFollow(held, claim)).toBe(follows)
  })
})
