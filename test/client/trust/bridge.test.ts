import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/client/check/decide'
import { type CarriedToken, carryOver, readBridge } from '../../../src/client/trust/bridge'
import { addBridge, bridgesOf, readBridges } from '../../../src/client/trust/bridges'
import { createTrustStore } from '../../../src/client/trust/trust-store'
import { BRIDGE_TYP, REVOCATION_LIST_TYP, revocationId } from '../../../src/protocol'
import { codeOf } from '../error-code'
import { createClaims, createSigningKey, DAY, NOW, PRODUCT_ID, signToken } from '../token-factory'

const key = createSigningKey()
const reader = { trustStore: createTrustStore([key.jwk]), issuer: 'keyslot', productId: PRODUCT_ID }
const at = (days: number) => NOW.getTime() / 1000 + days * DAY

const claimsOf = (changes: object = {}) => ({
  ...{ iss: 'keyslot', iat: at(16), product: PRODUCT_ID, lostAt: at(16), until: at(46) },
  ...changes,
})
const read = (changes: object = {}, header: object = { typ: BRIDGE_TYP }, signer = key) =>
  readBridge(signToken(signer, claimsOf(changes), header), reader)

/** Made at NOW, good for 14 days, with 7 of grace. */
function tokenOf(changes: Partial<CarriedToken> = {}, license: object = {}): CarriedToken {
  const claims = createClaims()
  return { claims: { ...claims, license: { ...claims.license, ...license } }, clock: { time: 0 }, ...changes }
}

async function reasonAt(days: number, token: CarriedToken, changes: object = {}) {
  const carried = { ...token, clock: { state: 'right', time: at(days) } } as const
  const judged = decide({ kind: 'verified', ...carried }, true)
  return carryOver([await read(changes)], carried, judged).reason
}

const ends = (days: number) => ({ expiresAt: new Date(at(days) * 1000).toISOString() })

describe('a token under a bridge', () => {
  it.each<[string, number, CarriedToken, object, string]>([
    ['in grace at the loss, the day after it', 30, tokenOf(), {}, 'SERVER_LOST'],
    ['at the last second', 46 - 1 / DAY, tokenOf(), {}, 'SERVER_LOST'],
    ['at the end', 46, tokenOf(), {}, 'TOKEN_EXPIRED'],
    ['good by itself', 10, tokenOf(), {}, 'OK'],
    ['in grace, which the bridge puts off', 17, tokenOf(), {}, 'SERVER_LOST'],
    ['in grace, which is longer', 17, tokenOf(), { until: at(18) }, 'TOKEN_EXPIRED'],
    ['whose grace ended at the loss', 30, tokenOf(), { lostAt: at(21) }, 'TOKEN_EXPIRED'],
    [
      'made with the loss, by a clock 5 minutes ahead',
      30,
      tokenOf(),
      { lostAt: at(0) - 300, until: at(40) },
      'SERVER_LOST',
    ],
    ['made after the loss', 30, tokenOf(), { lostAt: at(0) - 301, until: at(40) }, 'TOKEN_EXPIRED'],
    ['of a host unknown before the loss', 30, tokenOf({ unknownSince: at(15) }), {}, 'TOKEN_EXPIRED'],
    ['of a host unknown since the loss', 30, tokenOf({ unknownSince: at(17) }), {}, 'SERVER_LOST'],
    ['of a license that ends later', 30, tokenOf({}, ends(31)), {}, 'SERVER_LOST'],
    ['of a license that has ended', 31, tokenOf({}, ends(31)), {}, 'LICENSE_EXPIRED'],
    ['the same, past its end', 31, tokenOf({}, ends(31)), { pastEnd: true }, 'SERVER_LOST'],
    [
      'of a trial, past its end',
      31,
      tokenOf({}, { ...ends(31), metadata: { trial: true } }),
      { pastEnd: true },
      'LICENSE_EXPIRED',
    ],
    ['of a license that ended before the loss', 30, tokenOf({}, ends(15)), { pastEnd: true }, 'LICENSE_EXPIRED'],
  ])('%s', async (_, days, token, changes, reason) => {
    expect(await reasonAt(days, token, changes)).toBe(reason)
  })

  it('is judged as ever where no clock tells the time', async () => {
    const token = { ...tokenOf(), clock: { state: 'right', time: Number.NaN } } as const
    const judged = decide({ kind: 'verified', ...token }, true)
    expect(judged).toMatchObject({ status: 'expired' })
    expect(carryOver([await read()], token, judged)).toBe(judged)
  })
})

describe('several bridges', () => {
  const [first, second] = [
    { lostAt: at(16), until: at(30) },
    { lostAt: at(28), until: at(58) },
  ]
  async function untilUnder(token: CarriedToken, ...bridges: object[]) {
    const carried = { ...token, clock: { state: 'right', time: at(29) } } as const
    const judged = decide({ kind: 'verified', ...carried }, true)
    const { all } = bridgesOf(await Promise.all(bridges.map((changes) => read(changes))))
    const { reason, graceEndsAt } = carryOver(all, carried, judged)
    return [reason, (Number(graceEndsAt) - NOW.getTime()) / 1000 / DAY]
  }

  it('carry a token from one to the next, in whatever order they came', async () => {
    expect(await untilUnder(tokenOf(), second)).toEqual(['TOKEN_EXPIRED', 21])
    expect(await untilUnder(tokenOf(), first, second)).toEqual(['SERVER_LOST', 58])
    expect(await untilUnder(tokenOf(), second, first)).toEqual(['SERVER_LOST', 58])
    expect(await untilUnder(tokenOf(), first, { ...second, until: at(29) + 1 })).toEqual(['SERVER_LOST', 30])
  })

  it('leave a gap where one ends before the next loss, and carry no host on that was unknown by then', async () => {
    expect(await untilUnder(tokenOf(), { ...first, until: at(28) }, second)).toEqual(['TOKEN_EXPIRED', 21])
    expect(await untilUnder(tokenOf({ unknownSince: at(27) }), first, second)).toEqual(['SERVER_LOST', 30])
  })

  it('revoke what one of them revokes', async () => {
    const token = tokenOf()
    const entries = [[revocationId(token.claims.lid), 1e13, at(90)]]
    const list = { iss: 'keyslot', iat: at(16), product: null, entries }
    const revoked = { ...second, revocations: [signToken(key, list, { typ: REVOCATION_LIST_TYP })] }
    expect(await untilUnder(token, first, revoked)).toEqual(['TOKEN_EXPIRED', 21])
  })

  it('are kept by the date of loss: the newest of each, and the newest four', async () => {
    const signed = (iat: number, lostAt: number) => read({ iat: at(iat), lostAt: at(lostAt), until: at(46) })
    const days = ({ all }: ReturnType<typeof bridgesOf>) => all.map(({ iat, lostAt }) => [iat, lostAt].map(dayOf))
    const dayOf = (seconds: number) => (seconds - at(0)) / DAY
    const kept = bridgesOf([await signed(1, 3), await signed(2, 3), await signed(1, 2), await signed(3, 1)])
    expect(days(kept)).toEqual([
      [3, 1],
      [1, 2],
      [2, 3],
    ])
    const more = addBridge(addBridge(kept, await signed(4, 4)), await signed(5, 5))
    expect(days(more)).toEqual([
      [3, 1],
      [2, 3],
      [4, 4],
      [5, 5],
    ])
    expect(addBridge(more, await signed(5, 5))).toBe(more)
    for (const outdated of [await signed(1, 6), await signed(4, 5)]) {
      expect(() => addBridge(more, outdated)).toThrow(expect.objectContaining({ code: 'STATEMENT_OUTDATED' }))
    }
  })

  it('are read from one file, where a line that is no bridge takes nothing away', async () => {
    const { text } = bridgesOf([await read(first), await read(second)])
    expect((await readBridges(text, reader)).text).toBe(text)
    expect((await readBridges(`junk\n${text}`, reader)).text).toBe(text)
    expect(await codeOf(readBridges('junk', reader))).toBe('STATEMENT_MALFORMED')
  })
})

describe('readBridge', () => {
  it.each<[string, object]>([
    ['an end before the loss', { until: at(16) }],
    ['more than 90 days', { until: at(16) + 90 * DAY + 1 }],
    ['no loss', { lostAt: undefined }],
    ['a loss that is no number', { lostAt: '1' }],
    ['an end that is no number', { until: null }],
    ['another product', { product: 'prod_of_somebody_else_1' }],
    ['no product', { product: undefined }],
    ['another issuer', { iss: 'somebody' }],
    ['no time of signing', { iat: undefined }],
    ['a pastEnd of its own', { pastEnd: 'yes' }],
    ['lists that are no texts', { revocations: [1] }],
  ])('refuses %s', async (_, changes) => {
    expect(await codeOf(read(changes))).toBe('STATEMENT_MALFORMED')
  })

  it('refuses other types, strangers, and lists of strangers', async () => {
    expect(await codeOf(read({}, { typ: 'JWT' }))).toBe('STATEMENT_MALFORMED')
    expect(await codeOf(read({}, { typ: REVOCATION_LIST_TYP }))).toBe('STATEMENT_MALFORMED')
    expect(await codeOf(read({}, { typ: BRIDGE_TYP, kid: key.kid }, createSigningKey()))).toBe('STATEMENT_UNTRUSTED')
    const list = signToken(
      createSigningKey(),
      { iss: 'keyslot', iat: 1, product: null, entries: [] },
      { typ: REVOCATION_LIST_TYP },
    )
    expect(await codeOf(read({ revocations: [list] }))).toBe('STATEMENT_UNTRUSTED')
  })
})
