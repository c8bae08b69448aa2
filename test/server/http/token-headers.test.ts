import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectAnswer, makeKey, PLAIN_MOUNT } from './actions'
import { type Fixture, START, send, startFixture } from './harness'

describe('the header that shows the token', () => {
  let fixture: Fixture
  let key: string

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    key = await makeKey(fixture)
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const keymint = (headers: Record<string, string>, path = '/get-key') =>
    send(fixture.url, 'POST', path, { body: { productId: fixture.productId, licenseKey: key }, headers })
  const authtool = (headers: Record<string, string>) =>
    send(fixture.url, 'GET', `/public/v1/key/${key}/detail`, { headers })

  it.each([
    ['Bearer', (token: string) => `Bearer ${token}`],
    ['bearer', (token: string) => `bearer ${token}`],
    ['BEARER', (token: string) => `BEARER ${token}`],
    ['extra spaces', (token: string) => `  Bearer    ${token}  `],
  ])('is taken with %s', async (_, spell) => {
    expect((await keymint({ Authorization: spell(fixture.secret) })).status).toBe(200)
  })

  it.each([
    ['Basic', (token: string) => `Basic ${token}`],
    ['no scheme', (token: string) => token],
    ['a scheme of another name', (token: string) => `BearerX ${token}`],
    ['no space', (token: string) => `Bearer${token}`],
    ['nothing behind the scheme', () => 'Bearer'],
    ['two tokens', (token: string) => `Bearer ${token} ${token}`],
    ['a list', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['quotes', (token: string) => `Bearer "${token}"`],
    ['another letter case', (token: string) => `Bearer ${token.toUpperCase()}`],
    ['a character more', (token: string) => `Bearer ${token}A`],
    ['a character less', (token: string) => `Bearer ${token.slice(0, -1)}`],
    ['the other prefix', (token: string) => `Bearer pk_${token.slice(3)}`],
    ['thousands of characters', (token: string) => `Bearer ${token.repeat(150)}`],
  ])('is refused with %s', async (_, spell) => {
    const refused = { message: 'Invalid access token', code: 1 }
    expectAnswer(await keymint({ Authorization: spell(fixture.secret) }), 401, refused)
    expectAnswer(await keymint({ Authorization: spell(fixture.secret) }, '/key/block'), 401, refused)
  })

  it.each([{}, { Authorization: '' }, { Authorization: '   ' }])('is missing in %j', async (headers) => {
    expectAnswer(await keymint(headers), 401, { message: 'Invalid access token', code: 1 })
    const current = await keymint(headers, '/key/block')
    expectAnswer(current, 401, { message: 'Missing Authorization header', code: 1 })
  })

  it('is X-API-Key for AuthTool, and there alone', async () => {
    const { secret } = fixture
    expect((await authtool({ 'X-API-Key': secret })).status).toBe(200)
    expect((await authtool({ 'x-api-key': ` ${secret} ` })).status).toBe(200)
    const refused = { message: 'Invalid API key' }
    expectAnswer(await authtool({ Authorization: `Bearer ${secret}` }), 401, refused)
    expectAnswer(await authtool({ 'X-API-Key': '' }), 401, refused)
    expectAnswer(await authtool({ 'X-API-Key': `Bearer ${secret}` }), 401, refused)
    expectAnswer(await authtool({ 'X-API-Key': `${secret}, ${secret}` }), 401, refused)
    expectAnswer(await keymint({ 'X-API-Key': secret }, '/key/block'), 401, {
      message: 'Missing Authorization header',
      code: 1,
    })
  })

  it('stops counting once the token is revoked or has run out, cached or not', async () => {
    const { accessTokens } = fixture.licensing
    const { now } = fixture.clock
    const lasting = { name: 'x', kind: 'secret', scopes: ['licenses:read'] } as const
    const revocable = await accessTokens.create(lasting)
    const shortLived = await accessTokens.create({ ...lasting, expiresAt: new Date(now.getTime() + 1000) })
    for (const { token } of [revocable, shortLived]) {
      expect((await keymint({ Authorization: `Bearer ${token}` })).status).toBe(200)
    }
    await accessTokens.revoke(revocable.accessToken.id)
    expect((await keymint({ Authorization: `Bearer ${revocable.token}` })).status).toBe(401)
    fixture.clock.now = new Date(now.getTime() + 1000)
    expect((await keymint({ Authorization: `Bearer ${shortLived.token}` })).status).toBe(401)
  })
})
