/** The part of Electron this example uses, so that it type-checks where Electron's binary cannot be had. */
declare module 'electron' {
  export const app: {
    whenReady(): Promise<void>
    getPath(name: 'userData'): string
    quit(): void
    exit(code?: number): void
    on(event: 'window-all-closed', listener: () => void): void
  }
  export const net: { fetch(url: string, init?: RequestInit): Promise<Response> }
  export const ipcMain: {
    handle(channel: string, listener: (event: unknown, ...args: unknown[]) => unknown): void
  }
  export const ipcRenderer: { invoke(channel: string, ...args: unknown[]): Promise<unknown> }
  export const contextBridge: { exposeInMainWorld(name: string, api: object): void }
  export class BrowserWindow {
    constructor(options: {
      width: number
      height: number
      webPreferences: { preload: string; contextIsolation: boolean; nodeIntegration: boolean; sandbox: boolean }
    })
    loadFile(path: string): Promise<void>
  }
}
