import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { electron, fake, resetElectron } from './fake-electron'
import { installerEvent } from './installer-event'

vi.mock('electron', async () => (await import('./fake-electron')).electron)

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyslot-electron-'))
  for (const variable of ['XDG_DATA_HOME', 'HOME', 'LOCALAPPDATA']) vi.stubEnv(variable, home)
  resetElectron()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(home, { recursive: true, force: true })
})

describe('installer events', () => {
  it.each([
    [['--squirrel-uninstall', '1.0.0'], 'uninstall'],
    [['--keyslot-deactivate'], 'uninstall'],
    [['--squirrel-updated', '1.0.1'], 'ignore'],
    [['--squirrel-obsolete', '1.0.0'], 'ignore'],
    [['--squirrel-install', '1.0.0'], 'ignore'],
    [['--squirrel-firstrun'], 'none'],
    [['document.txt'], 'none'],
    [[], 'none'],
  ] as const)('%j means %s', (argv, expected) => {
    expect(installerEvent(argv)).toBe(expected)
  })
})

describe('the main process', () => {
  it('uninstalls without opening a window, exit code 0', async () => {
    const { start } = await import('./main')
    await start(['--keyslot-deactivate'])
    expect(fake).toMatchObject({ exits: [0], pages: [] })
  })

  it('leaves the license alone on an update', async () => {
    const { start } = await import('./main')
    await start(['--squirrel-updated', '1.0.1'])
    expect(fake).toMatchObject({ exits: [], quits: 1, pages: [] })
  })

  it('asks for a license key where there is none, and says so when the server cannot be reached', async () => {
    const { start } = await import('./main')
    await start([])
    expect(fake.pages).toEqual(['enter-license-key.html'])
    const { invoke } = electron.ipcRenderer
    expect(await invoke('license:view')).toMatchObject({ status: 'not-activated', usable: false })
    const refused = await invoke('license:activate', 'AAAAA-BBBBB-CCCCC-DDDDD')
    expect(refused).toMatchObject({
      status: 'error',
      usable: false,
      message: expect.stringContaining('cannot be reached'),
    })
  })
})
