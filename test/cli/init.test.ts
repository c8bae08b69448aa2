import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { keyslotIn, runProgram } from './keyslot-process'
import { startServerOf } from './readme-server'
import { scratchFolder } from './scratch-folder'

vi.stubEnv('KEYSLOT_STORAGE', undefined)
vi.stubEnv('KEYSLOT_KEYS', undefined)

async function init(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await keyslotIn(folder, 'init', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

function codeAfter(heading: string, printed: string): string {
  const [, after = ''] = printed.split(`${heading}:\n\n`)
  return after.split(/\n\n(?=Your app:|Sell one:)|\nYour app:|\nSell one:/)[0] ?? ''
}

describe('keyslot init', () => {
  it('makes all that is missing, and the code that it prints runs as it stands', async () => {
    const folder = scratchFolder()
    const printed = await init(folder, 'Acme Éditor 2')
    expect(readdirSync(folder)).toEqual(['licenses.db', 'licensing-keys.json'])
    expect(printed).toContain("appName: 'acme-e-ditor-2'")

    const server = await startServerOf(codeAfter('Your server', printed), folder)

    const sell = /^ {2}npx keyslot (license create .+)$/m.exec(printed)?.[1] ?? ''
    const { key } = JSON.parse((await keyslotIn(folder, ...sell.split(' '), '--json')).stdout) as { key: string }
    const code = codeAfter('Your app', printed)
    expect(code).toContain("'http://localhost:3000/licensing'")
    writeFileSync(join(folder, 'app.mts'), code.replace('http://localhost:3000/licensing', server.line.url))
    vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'))
    const app = (...args: string[]) => runProgram(join(folder, 'app.mts'), args, folder)
    expect(await app()).toMatchObject({ code: 1, stderr: '' })
    expect(await app(key)).toMatchObject({ code: 0, stderr: '' })
    expect(await app()).toMatchObject({ code: 0, stderr: '' })
    await server.stop()
  })

  it('changes nothing that is there, run again, but makes another token', async () => {
    const folder = scratchFolder()
    const [first, second] = [await init(folder, 'Acme', '--json'), await init(folder, 'Acme', '--json')].map((text) =>
      JSON.parse(text),
    )
    expect(second).toEqual({ ...first, accessToken: expect.stringMatching(/^pk_/) })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(await init(folder, 'Acme')).toContain('which was there')
    expect(JSON.parse((await keyslotIn(folder, 'product', 'list', '--json')).stdout).items).toHaveLength(1)
  })

  it('names the store and the keys in the code as they were named to it', async () => {
    const folder = scratchFolder()
    const printed = await init(folder, "Acme's", '--storage', "sqlite:it's.db", '--keys', 'a b.json')
    expect(printed).toContain("sqliteStorage({ file: 'it\\'s.db' })")
    expect(printed).toContain("loadKeyring('a b.json')")
    expect(printed).toContain("appName: 'acme-s'")
  })

  it.each([
    ['--server-url', 'ftp://example.com', 2],
    ['--server-url', 'http://example.com', 1],
    ['--app-name', 'a/b', 2],
  ])('refuses %s %s, and makes nothing', async (option, value, code) => {
    const folder = scratchFolder()
    expect((await keyslotIn(folder, 'init', 'Acme', option, value)).code).toBe(code)
    expect(readdirSync(folder)).toEqual([])
  })
})
