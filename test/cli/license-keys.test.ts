import { beforeAll, describe, expect, it } from 'vitest'
import { createHostKey, createProof, type HostKey } from '../server/http/host-key'
import { keyslot, keyslotJson, type RunningServer, serve } from './keyslot-process'
import { scratchStore } from './scratch-folder'

const { args: store } = scratchStore()
const [owner, stranger] = [createHostKey(), createHostKey()]

let server: RunningServer
let licenseKey: string

beforeAll(async () => {
  server = await serve(...store)
  licenseKey = (await keyslotJson<{ key: string }>('license', 'create', ...store)).key
  for (const key of [owner, stranger]) expect((await activate(key)).status).toBe(200)
})

async function activate(key: HostKey) {
  const { url, secretToken, productId } = server.line
  const at = `${url}/key/activate`
  const response = await fetch(at, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${secretToken}`,
      'Content-Type': 'application/json',
      DPoP: createProof(key, { url: at, accessToken: secretToken, now: new Date() }),
    },
    body: JSON.stringify({ productId, licenseKey, hostId: 'host-1' }),
  })
  return { status: response.status, body: await response.json() }
}

interface ListedKeys {
  readonly keys: readonly { readonly hostId: string; readonly thumbprint: string; readonly droppedAt: string | null }[]
}

describe('keyslot license keys and drop-key', () => {
  it('list the keys of hosts, and drop a user of one for a running server too', async () => {
    const { keys } = await keyslotJson<ListedKeys>('license', 'keys', ...store, licenseKey)
    expect(keys.map(({ hostId, thumbprint }) => [hostId, thumbprint])).toEqual([
      ['host-1', owner.thumbprint],
      ['host-1', stranger.thumbprint],
    ])
    const named = ['--host-id', 'host-1', '--key', stranger.thumbprint.slice(0, 12)]
    expect(await keyslot('license', 'drop-key', ...store, licenseKey, ...named)).toMatchObject({ code: 0, stderr: '' })
    expect(await activate(stranger)).toEqual({ status: 403, body: { code: 2, message: 'Key dropped' } })
    expect((await activate(owner)).status).toBe(200)

    const shown = (await keyslot('license', 'keys', ...store, licenseKey, '--host-id', 'host-1')).stdout
    expect(shown).toMatch(new RegExp(`^host-1 +${owner.thumbprint} +user `, 'm'))
    expect(shown).toMatch(new RegExp(`^host-1 +${stranger.thumbprint} +dropped `, 'm'))
    const none = await keyslot('license', 'keys', ...store, licenseKey, '--host-id', 'host-2')
    expect(none.stdout).toBe('No host of this license has shown a key.\n')
  })

  it('say in one line what is wrong', async () => {
    const named = ['--host-id', 'host-1', '--key', createHostKey().thumbprint]
    expect(await keyslot('license', 'drop-key', ...store, licenseKey, ...named)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'keyslot: The host is not active on this license\n',
    })
    expect((await keyslot('license', 'drop-key', ...store, licenseKey, '--host-id', 'host-1')).code).not.toBe(0)
  })
})
