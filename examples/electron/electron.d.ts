/** The part of Electron this example uses, so that it type-checks where Electron's binary cannot be had. */
declare module 'electron' {
  export const app: {
    whenReady(): Promise<void>
    getPath(name: 'userData'): string
    quit(): void
    exit(code?: number): void
    on(event: 'window-all-closed', listener: () => void): void
    readonly name: string
  }
  export const net: { fetch(url: string, init?: RequestInit): Promise<Response> }
  export const safeStorage: {
    encryptString(text: string): Buffer
    decryptString(sealed: Buffer): string
  }
  export interface MenuItem {
    label?: string
    role?: 'about' | 'quit' | 'editMenu' | 'windowMenu'
    type?: 'separator'
    submenu?: MenuItem[]
    click?: () => void
  }
  export interface Menu {
    readonly items: MenuItem[]
  }
  export const Menu: {
    buildFromTemplate(template: MenuItem[]): Menu
    setApplicationMenu(menu: Menu): void
  }
  export const dialog: {
    showMessageBox(options: {
      type: 'question' | 'info'
      message: string
      detail?: string
      buttons: string[]
      defaultId?: number
      cancelId?: number
    }): Promise<{ response: number }>
    /** `filePath` is empty where the person cancels. */
    showSaveDialog(window: BrowserWindow, options: { defaultPath: string }): Promise<{ filePath: string }>
    /** `filePaths` is empty where the person cancels. */
    showOpenDialog(
      window: BrowserWindow,
      options: { filters: { name: string; extensions: string[] }[]; properties: 'openFile'[] },
    ): Promise<{ filePaths: string[] }>
  }
  export const ipcMain: {
    handle(channel: string, listener: (event: unknown, ...args: unknown[]) => unknown): void
  }
  export const ipcRenderer: {
    invoke(channel: string, ...args: unknown[]): Promise<unknown>
    on(channel: string, listener: (event: unknown, ...args: unknown[]) => void): void
    removeListener(channel: string, listener: (event: unknown, ...args: unknown[]) => void): void
  }
  export const powerMonitor: { on(event: 'resume', listener: () => void): void }
  export const contextBridge: { exposeInMainWorld(name: string, api: object): void }
  export class BrowserWindow {
    constructor(options: {
      width: number
      height: number
      webPreferences: { preload: string; contextIsolation: boolean; nodeIntegration: boolean; sandbox: boolean }
    })
    static getAllWindows(): BrowserWindow[]
    readonly webContents: { send(channel: string, ...args: unknown[]): void }
    loadFile(path: string): Promise<void>
  }
}
