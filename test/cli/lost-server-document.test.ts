import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLicenseKit } from 'keyslot/client'
import { loadKeyring } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import { signRevocationList } from '../../src/server/signing/revocation-list'
import { npxCommands, wordsOf } from './documented'
import { keyslotIn } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../docs/lost-server.md', import.meta.url)), 'utf8')

describe('the commands for a lost server', () => {
  it('work as they are written, and a kit takes what they make in one file', async () => {
    const folder = scratchFolder()
    const { current } = await loadKeyring(join(folder, 'licensing-keys.json'))
    const list = { issuer: 'keyslot', product: null, entries: [] }
    writeFileSync(join(folder, 'revocations.jws'), await signRevocationList(list, new Date(), current))
    const commands = npxCommands(DOCUMENT).filter((command) => command.startsWith('keys '))
    expect(commands.map((command) => wordsOf(command)[1])).toEqual(['bridge', 'moved'])
    for (const command of commands) {
      expect(await keyslotIn(folder, ...wordsOf(command))).toMatchObject({ code: 0, stderr: '' })
    }
    const kit = createLicenseKit({
      serverUrl: 'https://licenses.example.com/licensing',
      statementsUrl: 'https://status.example.net/statements.jws',
      productId: 'prod_0123456789abcdefghij',
      accessToken: 'pk_x',
      trustedKeys: [current.publicJwk],
      appName: 'acme-editor',
      dataDir: join(folder, 'data'),
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    const text = ['bridge.jws', 'moved.jws'].map((name) => readFileSync(join(folder, name), 'utf8')).join('')
    expect(await kit.importStatement(text)).toMatchObject({ status: 'not-activated' })
    expect(readFileSync(join(folder, 'data', 'moved.jws'), 'utf8')).toContain(
      '\nhttps://licenses.example.com/licensing',
    )
  })
})
