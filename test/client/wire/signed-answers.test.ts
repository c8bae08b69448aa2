import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/client/wire/fetch'
import { createDesk, type Desk } from '../desk'
import type { SeenRequest } from '../fake-license-server'
import { createNoClaims, signedHeaders, signNo } from '../fake-signed-answers'
import { createSigningKey, LICENSE_KEY, signToken } from '../token-factory'

type Headers = Readonly<Record<string, string>>

/** A desk with a license of a server that signs its answers. */
async function licensed(): Promise<Desk> {
  const desk = await createDesk()
  desk.server.signsAnswers = true
  expect(await desk.start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  return desk
}

const NO = JSON.stringify({ message: 'License not activated', code: 2 })

/** Answers every validation with a no that has our protocol's shape. */
function refuse({ server }: Desk, sign: (request: SeenRequest) => Headers, [status, body] = [403, NO]): void {
  server.fault = (response, request) => {
    if (!request.path.endsWith('/validate')) return false
    response.writeHead(status, { ...(status === 403 && { 'keyslot-error': 'LICENSE_BLOCKED' }), ...sign(request) })
    return response.end(body) !== undefined
  }
}

const noProof = { kind: 'none' } as const

describe('a no to a kit whose token says that the server signs its answers', () => {
  it('counts where it is signed for this very request', async () => {
    const desk = await licensed()
    refuse(desk, (request) => ({
      'keyslot-answer': signNo(desk.server, createNoClaims(desk.server, request, 'LICENSE_BLOCKED', noProof)),
    }))
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_BLOCKED' })
  })

  it('counts where it is a 200 that says `valid: false`, signed', async () => {
    const desk = await licensed()
    desk.server.blocked = true
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
  })

  it('is nobody`s where it is not signed', async () => {
    const desk = await licensed()
    refuse(desk, () => ({}))
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    refuse(desk, () => ({}), [200, '{"code":0,"valid":false,"reason":"revoked"}'])
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    refuse(desk, () => ({}), [200, '{"code":0,"valid":false}'])
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
  })

  it.each<[string, object]>([
    ['nonce', { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['missing nonce', { nonce: undefined }],
    ['code', { code: 'LICENSE_EXPIRED' }],
    ['product', { product: 'prod_another' }],
    ['license', { license: 'AAAAAAAAAAAAAAAA' }],
    ['unnamed license', { license: null }],
    ['host', { host: 'another-host' }],
    ['issuer', { iss: 'another' }],
  ])('is nobody`s where it is signed for another %s', async (_, change) => {
    const desk = await licensed()
    const { server } = desk
    refuse(desk, (request) => {
      const claims = { ...createNoClaims(server, request, 'LICENSE_BLOCKED', noProof), ...change }
      return { 'keyslot-answer': signNo(server, claims) }
    })
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
  })

  it.each<[string, (desk: Desk, claims: object) => string]>([
    [
      'with a key that is not trusted',
      (_, claims) => signToken(createSigningKey(), claims, { typ: 'keyslot-answer+jwt' }),
    ],
    ['as another kind of text', ({ server }, claims) => signToken(server.key, claims)],
    ['not at all: cut off', ({ server }, claims) => signNo(server, claims).slice(0, -10)],
    ['by nobody', () => 'no'],
    [
      'as text that is altered since',
      ({ server }, claims) => {
        const [head, , signature] = signNo(server, { ...claims, code: 'LICENSE_EXPIRED' }).split('.')
        return [head, signNo(server, claims).split('.')[1], signature].join('.')
      },
    ],
  ])('is nobody`s where it is signed %s', async (_, sign) => {
    const desk = await licensed()
    refuse(desk, (request) => ({
      'keyslot-answer': sign(desk, createNoClaims(desk.server, request, 'LICENSE_BLOCKED', noProof)),
    }))
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
  })

  it('is nobody`s where somebody on the way asks about another license key with its nonce', async () => {
    const desk = await licensed()
    const kit = desk.start({
      fetch: (url, init) =>
        fetch(url, { ...init, body: init.body?.replace(LICENSE_KEY, 'ANOTH-ERKEY-ANOTH-ERKEY') ?? null }),
    })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(desk.server.requests.at(-1)?.body.licenseKey).toBe('ANOTH-ERKEY-ANOTH-ERKEY')
  })

  it('to an activation is an answer altered on the way; what is said of the request is told as it comes', async () => {
    const desk = await licensed()
    const answering = (status: number, code: string) => {
      desk.server.fault = (response) =>
        response.writeHead(status, { 'keyslot-error': code }).end('{"message":"No","code":2}') !== undefined
    }
    answering(404, 'LICENSE_NOT_FOUND')
    await expect(desk.start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'ANSWER_ALTERED' })
    answering(401, 'INVALID_ACCESS_TOKEN')
    await expect(desk.start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'INVALID_ACCESS_TOKEN' })
  })

  it('counts unsigned where the server has never said that it signs', async () => {
    const desk = await createDesk()
    await desk.start().activate(LICENSE_KEY)
    refuse(desk, () => ({}))
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_BLOCKED' })
  })
})

describe('a license token', () => {
  it('of an older answer turns nothing back, and tells no time', async () => {
    const desk = await licensed()
    const { server, dataDir } = desk
    const answers: string[] = []
    const recording = desk.start({
      async fetch(url, init) {
        const answer = await fetch(url, init)
        if (url.endsWith('/validate')) answers.push(await answer.clone().text())
        return answer
      },
    })
    await recording.refresh()
    const stored = async () => {
      const { contact, ...license } = JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
      return { license, code: contact.code }
    }
    const kept = await stored()
    expect(kept.code).toBe('OK')
    server.fault = (response, { path: at }) => at.endsWith('/validate') && response.end(answers[0]) !== undefined
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    // Everything but the note of the contact: token, key, and the times that are proven.
    expect(await stored()).toEqual({ ...kept, code: 'TOKEN_MALFORMED' })
    server.fault = (response, { path: at }) => at.endsWith('/activate') && response.end(answers[0]) !== undefined
    await expect(desk.start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })
  })

  it('without a nonce is taken from a server that was set back, where it is no older than the one held', async () => {
    const desk = await licensed()
    const { server, dataDir } = desk
    const record = async () => JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8')).licenseToken
    const held = await record()
    server.signsAnswers = false
    server.claims = { iat: Math.floor(server.now.getTime() / 1000) - 1 }
    await desk.start().refresh()
    expect(await record()).toBe(held)
    server.claims = {}
    await desk.start().refresh()
    expect(await record()).not.toBe(held)
  })

  it('that says so, of an answer to another request, is not taken by a host that has none yet either', async () => {
    const { server, start } = await createDesk()
    server.signsAnswers = true
    server.claims = { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }
    await expect(start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })
    expect(await start().check()).toMatchObject({ status: 'not-activated' })
  })
})

describe('a proxy that takes out headers it does not know', () => {
  const through = (proxy: (name: string) => boolean): Fetch => {
    return async (url, init) => {
      const kept = Object.entries(init.headers).filter(([name]) => !proxy(name))
      const answer = await fetch(url, { ...init, headers: Object.fromEntries(kept) })
      const headers = new Headers([...answer.headers].filter(([name]) => !proxy(name)))
      return new Response(await answer.text(), { status: answer.status, headers })
    }
  }

  it('of requests: the nonce in the body brings a signed no, and a token of this very request', async () => {
    const desk = await licensed()
    const kit = desk.start({ fetch: through((name) => name === 'keyslot-nonce') })
    expect(await kit.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    desk.server.blocked = true
    expect(await kit.refresh()).toMatchObject({ status: 'revoked', lastContact: { code: 'REVOKED' } })
  })

  it('of answers: no unsigned no is taken, and the sentence names the proxy', async () => {
    const desk = await licensed()
    desk.server.blocked = true
    const kit = desk.start({ fetch: through((name) => name === 'keyslot-answer') })
    expect(await kit.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'ANSWER_ALTERED' } })
    await expect(kit.activate(LICENSE_KEY)).rejects.toThrow(/a proxy most likely/)
    const bare = desk.start({ fetch: through((name) => name.startsWith('keyslot-')) })
    await expect(bare.activate(LICENSE_KEY)).rejects.toThrow(/a sign-in page of this network, or a proxy/)
    expect(await bare.check()).toMatchObject({ status: 'valid' })
  })
})

describe('a proof that is stripped on the way', () => {
  it.each([true, false])('takes no license from anybody (server signs: %s)', async (signs) => {
    const desk = await createDesk()
    desk.server.signsAnswers = signs
    await desk.start().activate(LICENSE_KEY)
    const stripping = desk.start({
      fetch: (url, init) => {
        const { dpop: _, ...headers } = init.headers
        return fetch(url, { ...init, headers })
      },
    })
    const asked = desk.server.requests.length
    expect(await stripping.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'ANSWER_ALTERED' } })
    // It is no "I do not know you" either, which would activate again.
    expect(desk.server.requests.slice(asked).map(({ path: at }) => at)).not.toContain('/licensing/key/activate')
    expect(await stripping.deactivate()).toMatchObject({ outcome: 'queued-offline' })
    expect(desk.server.activeHosts.size).toBe(1)
  })

  it('is told from one of another key', async () => {
    const desk = await createDesk()
    desk.server.signsAnswers = true
    await desk.start().activate(LICENSE_KEY)
    const { server } = desk
    for (const host of server.proofs.keys.keys()) server.proofs.keys.set(host, 'another')
    // The server does not take the host back either, or not yet.
    server.fault = (response, request) => {
      if (!request.path.endsWith('/activate')) return false
      const code = 'PROOF_REQUIRED'
      const signed = signedHeaders(server, request, server.proofs.read(request, server.now), code)
      response.writeHead(403, { 'keyslot-error': code, ...signed })
      return response.end('{"message":"Proof of possession required","code":2}') !== undefined
    }
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'PROOF_REQUIRED' } })
    // It is provisional: the license runs to the end of its token, without grace.
    const { graceEndsAt, tokenExpiresAt } = await desk.start().check()
    expect(graceEndsAt).toEqual(tokenExpiresAt)
    server.fault = undefined
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
  })
})
