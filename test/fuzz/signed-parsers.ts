import { createHash, sign } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLicenseKit } from '../../src/client'
import { readBridge } from '../../src/client/trust/bridge'
import { readKeySet } from '../../src/client/trust/key-set'
import { readMovedFile } from '../../src/client/trust/moved'
import { readRevocationLists, verifyRevocationList } from '../../src/client/trust/revocation-list'
import { createTrustStore } from '../../src/client/trust/trust-store'
import { verifyLicenseToken } from '../../src/client/trust/verify'
import { BRIDGE_TYP, KEY_STATEMENT_TYP, MOVED_TYP, PROOF_TYP, REVOCATION_LIST_TYP } from '../../src/protocol'
import { createKeyring, verifyWebhook } from '../../src/server'
import { signWebhook } from '../../src/server/events/webhook-signature'
import { createProofNonces } from '../../src/server/http/proof/nonce'
import { createProofVerifier } from '../../src/server/http/proof/verify-proof'
import { createClaims, createSigningKey, HOST_ID, NOW, PRODUCT_ID, signToken } from '../client/token-factory'
import { never, type Parser } from './parser'

const SECONDS = NOW.getTime() / 1000
const key = createSigningKey()
const trust = createTrustStore([key.jwk])
const expected = { issuer: 'keyslot', productId: PRODUCT_ID, hostId: HOST_ID }
const token = signToken(key, createClaims())
const listHeader = { typ: REVOCATION_LIST_TYP }
const listClaims = {
  ...{ iss: 'keyslot', iat: SECONDS, product: PRODUCT_ID },
  entries: [['abcdefghijklmnop', NOW.getTime(), SECONDS + 1_000_000]],
}
const list = signToken(key, listClaims, listHeader)
const keySetClaims = { iss: 'keyslot', version: 1, iat: SECONDS, keys: [key.jwk], revoked: [] }
const reader = { trustStore: trust, issuer: 'keyslot', productId: PRODUCT_ID }
const bridgeClaims = {
  ...{ iss: 'keyslot', iat: SECONDS, product: PRODUCT_ID, lostAt: SECONDS, until: SECONDS + 86_400 },
  ...{ pastEnd: true, revocations: [list] },
}
const licenseFile = { licenseToken: token, signedKey: createClaims().key, signedDate: NOW, keyStatements: [token] }
const proven = { method: 'POST', path: '/key/activate', accessToken: 'pk_x' }
const proofHeader = { typ: PROOF_TYP, jwk: key.jwk }
const proofClaims = {
  ...{ htm: 'POST', htu: 'https://licenses.example/key/activate', iat: SECONDS, jti: 'jti-00000000' },
  ath: createHash('sha256').update(proven.accessToken).digest('base64url'),
}
const secret = { secret: 'whsec_x', createdAt: NOW, expiresAt: null }
const event = { id: 'evt_1', type: 'license.created', at: NOW, actor: { id: 'api', address: null }, data: {} }

/** Signs a text by a trusted key, whatever it is: what a signature vouches for must still have its shape. */
function signing(header: object): (payload: string) => string {
  const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: key.kid, typ: 'JWT', ...header })).toString('base64url')
  return (payload) => {
    const text = `${head}.${Buffer.from(payload).toString('base64url')}`
    return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString('base64url')}`
  }
}

/** The readers of what is signed, with the signature broken and with one that is good. */
export function signedParsers(): readonly Parser[] {
  const proofs = createProofVerifier(
    createProofNonces(createKeyring(NOW).current, () => NOW),
    () => NOW,
  )
  const readToken = (text: string) => verifyLicenseToken(text, trust, expected, NOW)
  const readProof = (text: string) => proofs.verify([text], proven)
  return [
    { name: 'a license token', seeds: [token, signToken(key, createClaims(), { crit: ['exp'] })], parse: readToken },
    { name: 'signed claims', seeds: [JSON.stringify(createClaims())], wrap: signing({}), parse: readToken },
    {
      name: 'a signed revocation list',
      seeds: [JSON.stringify(listClaims)],
      wrap: signing(listHeader),
      parse: (text) => verifyRevocationList(text, trust, 'keyslot'),
    },
    {
      name: 'a file of revocation lists',
      seeds: [`${list}\n${list}`],
      parse: (text) => readRevocationLists(text, trust, 'keyslot'),
      isOwn: never,
    },
    {
      name: 'a signed key statement',
      seeds: [JSON.stringify(keySetClaims)],
      wrap: signing({ typ: KEY_STATEMENT_TYP }),
      parse: (text) => readKeySet(text, trust, 'keyslot'),
    },
    {
      name: 'a signed bridge',
      seeds: [JSON.stringify(bridgeClaims)],
      wrap: signing({ typ: BRIDGE_TYP }),
      parse: (text) => readBridge(text, reader),
    },
    {
      name: 'a signed move',
      seeds: [JSON.stringify({ iss: 'keyslot', iat: SECONDS, serverUrl: 'https://licenses.example/licensing' })],
      wrap: signing({ typ: MOVED_TYP }),
      parse: (text) => readMovedFile(`${text}\nhttps://licenses.example`, reader),
    },
    { name: 'a proof', seeds: [signToken(key, proofClaims, proofHeader), '..', token], parse: readProof },
    { name: 'a signed proof', seeds: [JSON.stringify(proofClaims)], wrap: signing(proofHeader), parse: readProof },
    { name: 'a license file', seeds: [JSON.stringify(licenseFile)], parse: readLicenseFile() },
    {
      name: 'the signature of a webhook',
      seeds: [`t=${SECONDS},v1=${'0'.repeat(64)}`, 't=1,v1=0,v1=1'],
      parse: (text) => verifyWebhook('{}', text, secret.secret, { now: NOW }),
    },
    {
      name: 'a signed webhook',
      seeds: [JSON.stringify(event)],
      parse: (text) => verifyWebhook(text, signWebhook(text, [secret], NOW) ?? '', secret.secret, { now: NOW }),
    },
  ]
}

function readLicenseFile(): Parser['parse'] {
  const dataDir = mkdtempSync(join(tmpdir(), 'keyslot-fuzz-'))
  const file = join(dataDir, 'file.lic')
  const kit = createLicenseKit({
    ...{ productId: PRODUCT_ID, appName: 'Editor', trustedKeys: [key.jwk], serverUrl: 'https://licenses.example' },
    ...{ accessToken: 'pk_x', dataDir, hostId: HOST_ID, now: () => NOW },
    fetch: () => Promise.reject(new TypeError('offline')),
  })
  return (text) => {
    writeFileSync(file, text)
    return kit.importLicenseFile(file)
  }
}
