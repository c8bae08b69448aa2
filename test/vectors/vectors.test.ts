import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLicenseKit, isLicenseError } from 'keyslot/client'
import { revocationId } from 'keyslot/protocol'
import { verifyWebhook } from 'keyslot/server'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { outageMsOf } from '../../src/client/floating/signed-lease'
import type { OnlineContext } from '../../src/client/kit-context'
import { readBridge } from '../../src/client/trust/bridge'
import { followKeySet, type KeySet } from '../../src/client/trust/key-set'
import { readMoved } from '../../src/client/trust/moved'
import { readRevocationLists, verifyRevocationList } from '../../src/client/trust/revocation-list'
import { verifySignedNo } from '../../src/client/trust/signed-answer'
import { graceEndOf } from '../../src/client/trust/token-end'
import { createTrustStore } from '../../src/client/trust/trust-store'
import { verifyLicenseToken, verifyStanding } from '../../src/client/trust/verify'
import { subjectOf } from '../../src/protocol'
import { signClaims } from '../../src/server/signing/sign-claims'
import { temporaryDir } from '../client/temporary-dir'
import { claims, EXP, HOUR, ISSUER, SIGNED_AT } from './claims'
import { jws } from './jws'
import { jwksOf, KEYS, type KeyName } from './keys'
import type { LicenseFileVector } from './license-files'
import type { LicenseTokenVector } from './license-tokens'
import { allVectors } from './vectors'

const vectors = allVectors()
const storeOf = (trusted: readonly KeyName[]) => createTrustStore(jwksOf(trusted))

/** What the work says, or the code of why it says nothing. */
async function resultOf(work: () => unknown, word = 'valid'): Promise<string> {
  try {
    await work()
    return word
  } catch (error) {
    return isLicenseError(error) ? error.code : expect.fail(`not a LicenseError: ${String(error)}`)
  }
}

describe('vectors.json', () => {
  it('is what `npm run write:vectors` writes', () => {
    const committed = readFileSync(new URL('../../examples/verify/vectors.json', import.meta.url), 'utf8')
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(vectors)))
  })

  it('has no private key', () => {
    expect(JSON.stringify(vectors)).not.toMatch(/"d":|PRIVATE/)
  })

  it('is signed as a server signs', async () => {
    const ofKeyring = { ...KEYS.current, createdAt: new Date(SIGNED_AT * 1000), retiredAt: null, revokedAt: null }
    expect(jws('JWT', claims())).toBe(await signClaims(claims(), 'JWT', ofKeyring))
  })

  it('has no two vectors of one name, and no verdict between the end of a token and five minutes later', () => {
    for (const [section, list] of Object.entries(vectors)) {
      if (!Array.isArray(list)) continue
      const names = list.map((one: object) => ('name' in one ? one.name : 'id' in one && one.id))
      expect(new Set(names).size, section).toBe(names.length)
    }
    const open = [...vectors.licenseTokens, ...vectors.licenseFiles].filter(({ now }) => now >= EXP && now <= EXP + 300)
    expect(open).toEqual([])
  })
})

describe('the client kit says so, too, of', () => {
  it.each(vectors.licenseTokens)('a license token: $name', async (vector) => {
    expect(await judgeToken(vector)).toBe(vector.result)
  })

  it.each(vectors.licenseFiles)('a license file: $name', async (vector) => {
    expect(await judgeFile(vector)).toBe(vector.result)
  })

  it.each(vectors.revocationIds)('the id of an entry: $id', ({ licenseId, machine, proofKey, id }) => {
    const subject = [machine, proofKey].filter((part) => part !== undefined) as [string?, string?]
    expect(revocationId(licenseId, ...subject)).toBe(id)
  })

  it.each(vectors.revocationLists)('a revocation list: $name', async ({ list, trusted, result }) => {
    expect(await resultOf(() => verifyRevocationList(list, storeOf(trusted), ISSUER))).toBe(result)
  })

  it.each(vectors.keyStatements)('statements about keys: $name', async (vector) => {
    const pinned = storeOf(vector.pinned)
    let set: KeySet | undefined
    for (const statement of vector.known) set = await followKeySet([statement], set, pinned, ISSUER)
    const follow = async () => {
      set = await followKeySet(vector.statements, set, pinned, ISSUER)
    }
    expect(await resultOf(follow, 'taken')).toBe(vector.result)
    const trusted = vector.trusted.map((name) => KEYS[name].kid)
    expect((set?.trustStore ?? pinned).kids.toSorted()).toEqual(trusted.toSorted())
  })

  it.each(vectors.moved)('a statement that the server has moved: $name', async ({ statement, from, ...vector }) => {
    expect(await resultOf(() => readMoved(statement, from, readerOf(vector)), 'taken')).toBe(vector.result)
  })

  it.each(vectors.bridges)('a bridge: $name', async ({ statement, ...vector }) => {
    expect(await resultOf(() => readBridge(statement, readerOf(vector)), 'taken')).toBe(vector.result)
  })

  it.each(vectors.signedAnswers)('a signed no: $name', async ({ answer, request, nonce, code, trusted, result }) => {
    const expected = { issuer: ISSUER, nonce, code, ...subjectOf(request) }
    expect(await resultOf(() => verifySignedNo(answer, storeOf(trusted), expected))).toBe(result)
  })

  it.each(vectors.signedLeases)('a signed lease: $name', async (vector) => {
    // What a lease is judged by; where its key is unknown, there is no server to ask.
    const context = {
      config: { issuer: ISSUER, tryTimeoutMs: 1 },
      trustedKeys: { current: async () => storeOf(vector.trusted) },
    } as unknown as OnlineContext
    const success = { body: { lease: vector.lease }, nonce: vector.nonce } as unknown as Parameters<
      typeof outageMsOf
    >[1]
    const renewal = { nonce: 'next', expiresAt: new Date(vector.expiresAt), serverTime: undefined }
    const outageMs = await outageMsOf(context, success, renewal, vector.session, 4 * HOUR)
    expect(outageMs).toBe(vector.outageSeconds * 1000)
  })
})

describe('a receiver of webhooks says so, too:', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each(vectors.keymintWebhooks)('verifyWebhook of $name', async ({ body, headers, secret, now, result }) => {
    const verify = () => verifyWebhook(body, headers['Keymint-Signature'], secret, { now: new Date(now * 1000) })
    expect(await resultOf(verify)).toBe(result)
  })

  it.each(vectors.standardWebhooks)('standardwebhooks of $name', ({ body, headers, secret, now, result }) => {
    vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] })
    const verify = () => new Webhook(secret).verify(body, headers)
    if (result === 'valid') expect(verify()).toEqual(JSON.parse(body))
    else expect(verify).toThrow()
  })
})

/** The rule of docs/verify.md, of what the kit verifies with. */
async function judgeToken({ token, now, trusted, productId, machine, revocationLists }: LicenseTokenVector) {
  const store = storeOf(trusted)
  const expected = { issuer: ISSUER, productId, hostId: machine }
  const current = await resultOf(() => verifyLicenseToken(token, store, expected, new Date(now * 1000)))
  if (current !== 'valid' && current !== 'TOKEN_EXPIRED') return current
  const verified = await verifyStanding(token, store, expected)
  const lists = await readRevocationLists(revocationLists.join('\n'), store, ISSUER)
  if (lists.revoke(verified)) return 'REVOKED'
  return current === 'TOKEN_EXPIRED' && now < graceEndOf(verified) ? 'grace' : current
}

/** The public kit, on a computer of that name and time. */
async function judgeFile({ file, now, trusted, productId, machine, revocationLists }: LicenseFileVector) {
  const dataDir = await temporaryDir()
  const kit = createLicenseKit({
    serverUrl: 'http://127.0.0.1:9/licensing',
    accessToken: `pk_${'0'.repeat(43)}`,
    appName: 'vectors',
    trustedKeys: jwksOf(trusted),
    productId,
    hostId: machine,
    dataDir,
    now: () => new Date(now * 1000),
  })
  for (const list of revocationLists) await kit.importRevocationList(list)
  const path = join(dataDir, 'vector.lic')
  await writeFile(path, file)
  let said = ''
  const failed = await resultOf(async () => {
    const { status, reason } = await kit.importLicenseFile(path)
    said = status === 'valid' || status === 'grace' ? status : reason
  })
  if (failed === 'LICENSE_REVOKED') return 'REVOKED'
  return said || failed
}

function readerOf({ trusted, productId }: { readonly trusted: readonly KeyName[]; readonly productId: string }) {
  return { trustStore: storeOf(trusted), issuer: ISSUER, productId }
}
