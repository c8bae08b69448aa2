import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { wordsOf } from './documented'
import { keyslotIn } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../docs/operate.md', import.meta.url)), 'utf8')

describe('the commands for operating', () => {
  it('work as they are written, one after the other', async () => {
    vi.stubEnv('KEYSLOT_STORAGE', undefined)
    vi.stubEnv('KEYSLOT_KEYS', undefined)
    const blocks = [...DOCUMENT.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'))
    const commands = blocks
      .filter((line) => line.startsWith('npx keyslot '))
      .map((line) => line.slice('npx keyslot '.length))
    expect(commands).toEqual(['backup nightly.db', 'restore nightly.db --replace', 'backup before-upgrade.db'])
    const folder = scratchFolder()
    await keyslotIn(folder, 'product', 'create', 'Acme Editor')
    for (const command of commands) {
      expect(await keyslotIn(folder, ...wordsOf(command))).toMatchObject({ code: 0, stderr: '' })
    }
    expect(readdirSync(folder).map((name) => name.replace(/\d{14}$/, '…'))).toEqual([
      'before-upgrade.db',
      'before-upgrade.db.keys.json',
      'licenses.db',
      'licenses.db.replaced-…',
      'licensing-keys.json',
      'nightly.db',
      'nightly.db.keys.json',
    ])
  })
})
