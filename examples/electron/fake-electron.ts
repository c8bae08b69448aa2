import type { MenuItem } from 'electron'

type Listener = (event: unknown, ...args: unknown[]) => unknown

/**
 * What stands in for Electron in the tests: one app with one window, whose page and main process talk by copies, as
 * they do there. The tests read what happened, and set what a person does.
 */
export const fake = {
  pages: [] as string[],
  exits: [] as (number | undefined)[],
  quits: 0,
  /** What dialogs said. */
  said: [] as string[],
  /** The button a person presses in a dialog: 0 cancels. */
  answer: 0,
  /** The file a person chooses in a dialog; undefined cancels. */
  chosen: undefined as string | undefined,
  /** Where a test shows pages to somebody. */
  show: async (_page: string): Promise<void> => undefined,
  /** Where the main process's requests go. */
  fetch: (_url: string, _init?: RequestInit): Promise<Response> =>
    Promise.reject(new TypeError('no network in this test')),
  windowOptions: [] as { webPreferences: object }[],
  menus: [] as { items: MenuItem[] }[],
  /** What a preload script exposed to the page, by name. */
  exposed: new Map<string, object>(),
  handlers: new Map<string, Listener>(),
  pageListeners: new Map<string, Set<Listener>>(),
  onResume: [] as (() => void)[],
}

const untouched = { ...fake }

/** As before any test; a preload script that has been loaded stays. */
export function resetElectron(): void {
  Object.assign(fake, {
    ...untouched,
    pages: [],
    exits: [],
    said: [],
    windowOptions: [],
    menus: [],
    handlers: new Map(),
    pageListeners: new Map(),
    onResume: [],
  })
}

class BrowserWindow {
  static getAllWindows(): readonly BrowserWindow[] {
    return fake.windowOptions.map(() => new BrowserWindow())
  }

  readonly webContents = {
    send(channel: string, ...args: unknown[]) {
      for (const listener of listenersOf(channel)) listener({}, ...structuredClone(args))
    },
  }

  constructor(options?: { webPreferences: object }) {
    if (options !== undefined) fake.windowOptions.push(options)
  }

  async loadFile(page: string): Promise<void> {
    fake.pages.push(page)
    await fake.show(page)
  }
}

function listenersOf(channel: string): Set<Listener> {
  const listeners = fake.pageListeners.get(channel) ?? new Set()
  fake.pageListeners.set(channel, listeners)
  return listeners
}

/** For `vi.mock('electron', …)`. */
export const electron = {
  app: {
    name: 'Acme Editor',
    whenReady: async () => undefined,
    quit: () => void fake.quits++,
    exit: (code?: number) => void fake.exits.push(code),
    on: () => undefined,
  },
  net: { fetch: (url: string, init?: RequestInit) => fake.fetch(url, init) },
  ipcMain: { handle: (channel: string, listener: Listener) => void fake.handlers.set(channel, listener) },
  ipcRenderer: {
    async invoke(channel: string, ...args: unknown[]) {
      return structuredClone(await fake.handlers.get(channel)?.({}, ...structuredClone(args)))
    },
    on: (channel: string, listener: Listener) => void listenersOf(channel).add(listener),
    removeListener: (channel: string, listener: Listener) => void listenersOf(channel).delete(listener),
  },
  contextBridge: { exposeInMainWorld: (name: string, api: object) => void fake.exposed.set(name, api) },
  powerMonitor: { on: (_event: 'resume', listener: () => void) => void fake.onResume.push(listener) },
  Menu: {
    buildFromTemplate: (items: MenuItem[]) => ({ items }),
    setApplicationMenu: (menu: { items: MenuItem[] }) => void fake.menus.push(menu),
  },
  dialog: {
    async showMessageBox({ message }: { message: string }) {
      fake.said.push(message)
      return { response: fake.answer }
    },
    showSaveDialog: async () => ({ filePath: fake.chosen ?? '' }),
    showOpenDialog: async () => ({ filePaths: fake.chosen === undefined ? [] : [fake.chosen] }),
  },
  // Hides what it is given, which is all a test can see of it.
  safeStorage: {
    encryptString: (text: string) => Buffer.from(text).reverse(),
    decryptString: (sealed: Buffer) => Buffer.from(sealed).reverse().toString(),
  },
  BrowserWindow,
}
