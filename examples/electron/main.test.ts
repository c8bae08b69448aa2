import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { installerEvent } from './installer-event'

const electron = vi.hoisted(() => ({
  pages: [] as string[],
  exits: [] as (number | undefined)[],
  quits: 0,
  handlers: new Map<string, (event: unknown, ...args: unknown[]) => unknown>(),
}))

vi.mock('electron', () => ({
  app: {
    whenReady: async () => undefined,
    quit: () => void electron.quits++,
    exit: (code?: number) => void electron.exits.push(code),
    on: () => undefined,
  },
  net: { fetch: async () => Promise.reject(new TypeError('no network in this test')) },
  ipcMain: {
    handle: (channel: string, listener: (event: unknown, ...args: unknown[]) => unknown) =>
      void electron.handlers.set(channel, listener),
  },
  BrowserWindow: class {
    async loadFile(page: string) {
      electron.pages.push(page)
    }
  },
}))

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyslot-electron-'))
  for (const variable of ['XDG_DATA_HOME', 'HOME', 'LOCALAPPDATA']) vi.stubEnv(variable, home)
  electron.pages.length = 0
  electron.exits.length = 0
  electron.quits = 0
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
    expect(electron).toMatchObject({ exits: [0], pages: [] })
  })

  it('leaves the license alone on an update', async () => {
    const { start } = await import('./main')
    await start(['--squirrel-updated', '1.0.1'])
    expect(electron).toMatchObject({ exits: [], quits: 1, pages: [] })
  })

  it('asks for a license key where there is none, and says so when the server cannot be reached', async () => {
    const { start } = await import('./main')
    await start([])
    expect(electron.pages).toEqual(['enter-license-key.html'])
    expect(await electron.handlers.get('license:check')?.({})).toMatchObject({ status: 'not-activated', usable: false })
    const refused = await electron.handlers.get('license:activate')?.({}, 'AAAAA-BBBBB-CCCCC-DDDDD')
    expect(refused).toMatchObject({ status: 'error', usable: false, message: expect.any(String) })
  })
})
