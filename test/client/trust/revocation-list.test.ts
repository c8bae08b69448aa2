import { describe, expect, it } from 'vitest'
import { listsOf, readRevocationLists, verifyRevocationList } from '../../../src/client/trust/revocation-list'
import { createTrustStore } from '../../../src/client/trust/trust-store'
import { type PublicJwk, REVOCATION_LIST_TYP, type RevocationEntry, revocationId } from '../../../src/protocol'
import { createClaims, createSigningKey, type SigningKey, signToken } from '../token-factory'

const first = createSigningKey()
const second = createSigningKey()
const A = revocationId('lic_a')
const B = revocationId('lic_b')

/** Signed at this second, with these entries. */
interface Signed {
  readonly at: number
  readonly entries: readonly RevocationEntry[]
  readonly by?: SigningKey
}

function sign({ at, entries, by = first }: Signed): string {
  return signToken(by, { iss: 'keyslot', iat: at, product: null, entries }, { typ: REVOCATION_LIST_TYP })
}

async function read(lists: readonly Signed[], keys: readonly PublicJwk[] = [first.jwk, second.jwk]) {
  const text = lists.map(sign).join('\n')
  return readRevocationLists(text, createTrustStore(keys), 'keyslot')
}

/** A token of license `lic_a` with this stamp. */
function token(stamp: number) {
  return createClaims({ lid: 'lic_a', stamp })
}

describe('lists together', () => {
  const table: readonly {
    readonly name: string
    readonly lists: Signed[]
    readonly kept: number[]
    readonly revoked: number[]
    readonly free: number[]
  }[] = [
    { name: 'nothing', lists: [], kept: [], revoked: [], free: [0] },
    { name: 'one', lists: [{ at: 10, entries: [[A, 5, 100]] }], kept: [0], revoked: [5, 4], free: [6] },
    {
      name: 'a later list that says as much',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        {
          at: 20,
          entries: [
            [A, 7, 100],
            [B, 1, 100],
          ],
        },
      ],
      kept: [1],
      revoked: [7],
      free: [8],
    },
    {
      name: 'an old list after a new one',
      lists: [
        { at: 20, entries: [[A, 7, 100]] },
        { at: 10, entries: [[A, 5, 90]] },
      ],
      kept: [0],
      revoked: [7],
      free: [8],
    },
    {
      name: 'a later list that has forgotten an entry, as that of a restored server',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 20, entries: [] },
      ],
      kept: [0, 1],
      revoked: [5],
      free: [6],
    },
    {
      name: 'a later list that was signed when the entry had ended',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 100, entries: [] },
      ],
      kept: [1],
      revoked: [],
      free: [0],
    },
    {
      name: 'a later list with a higher stamp and an earlier end',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 20, entries: [[A, 7, 50]] },
      ],
      kept: [0, 1],
      revoked: [7],
      free: [8],
    },
    {
      name: 'a later list with a later end and a lower stamp',
      lists: [
        { at: 10, entries: [[A, 7, 50]] },
        { at: 20, entries: [[A, 5, 100]] },
      ],
      kept: [0, 1],
      revoked: [7],
      free: [8],
    },
    {
      name: 'another key, with the same entries',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 20, entries: [[A, 5, 100]], by: second },
      ],
      kept: [0, 1],
      revoked: [5],
      free: [6],
    },
    {
      name: 'another key, once the entries have ended',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 101, entries: [[A, 6, 200]], by: second },
      ],
      kept: [1],
      revoked: [6],
      free: [7],
    },
    {
      name: 'the same list again',
      lists: [
        { at: 10, entries: [[A, 5, 100]] },
        { at: 10, entries: [[A, 5, 100]] },
      ],
      kept: [0],
      revoked: [5],
      free: [6],
    },
  ]
  it.each(table)('$name', async ({ lists, kept, revoked, free }) => {
    const joined = await read(lists)
    expect(joined.text.split('\n').filter(Boolean)).toEqual(kept.map((index) => sign(lists[index] as Signed)))
    for (const stamp of revoked) expect(joined.revoke(token(stamp)), `stamp ${stamp}`).toBe(true)
    for (const stamp of free) expect(joined.revoke(token(stamp)), `stamp ${stamp}`).toBe(false)
  })

  it('of a key that is revoked count as none', async () => {
    const lists = [
      { at: 10, entries: [[A, 5, 100]] },
      { at: 20, entries: [[A, 9, 100]], by: second },
    ] satisfies Signed[]
    const before = await read(lists)
    const after = await readRevocationLists(before.text, createTrustStore([first.jwk]), 'keyslot')
    expect([before.revoke(token(9)), after.revoke(token(9)), after.revoke(token(5))]).toEqual([true, false, true])
    expect(after.signedAt).toEqual(new Date(10_000))
  })

  it('are the very same where the other adds nothing', async () => {
    const known = await read([{ at: 20, entries: [[A, 5, 100]] }])
    expect(known.join(await read([{ at: 10, entries: [[A, 4, 100]] }]))).toBe(known)
    expect(known.join(listsOf([]))).toBe(known)
  })

  it('hold 100,000 entries', async () => {
    const entries = Array.from({ length: 100_000 }, (_, index): RevocationEntry => {
      return [revocationId(`lic_${index}`), 1_796_000_000_000, 1_796_000_000]
    })
    const list = await verifyRevocationList(sign({ at: 10, entries }), createTrustStore([first.jwk]), 'keyslot')
    expect(list.entries.size).toBe(100_000)
  })
})
