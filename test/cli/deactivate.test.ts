import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyslot } from './keyslot-process'
import { loadedBy } from './loaded-by'
import { scratchFolder } from './scratch-folder'

describe('keyslot deactivate, as an uninstaller calls it', () => {
  it('is quiet and exits 0 where there is nothing to free', async () => {
    const nowhere = join(scratchFolder(), 'none')
    expect(await keyslot('deactivate', '--app-name', 'acme-editor', '--data-dir', nowhere)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(await keyslot('deactivate', '--app-name', '../..')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('exits 0 even when it is called wrongly, and says so', async () => {
    expect(await keyslot('deactivate')).toEqual({
      code: 0,
      stdout: '',
      stderr: "keyslot: required option '--app-name <name>' not specified\n",
    })
  })
})

/** What a machine that only uninstalls an app has not, or should not wait for. */
const HEAVY = ['express', 'better-sqlite3', 'zod']

describe('what a command loads', () => {
  it('is neither server nor schema nor driver, until an action asks for them', async () => {
    const { files, packages } = await loadedBy('index.ts')
    expect(packages).toEqual(['commander'])
    expect(files.filter((file) => /src\/(client|server|domain|storage)\//.test(file))).toEqual([
      'src/domain/event.ts',
      // Lists of words, for the help and the choices of options.
      'src/domain/keymint-wire.ts',
      'src/storage/records.ts',
    ])
  })

  it('needs neither express nor a driver nor the server for deactivate', async () => {
    const { files, packages } = await loadedBy('actions/deactivate.ts')
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([])
    expect(files.filter((file) => /src\/(server|cli)\//.test(file))).toEqual(['src/cli/actions/deactivate.ts'])
  })

  it('needs neither express nor a driver for keys', async () => {
    const { packages } = await loadedBy('actions/keys.ts')
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual(['zod'])
  })
})
