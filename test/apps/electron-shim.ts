import { electron } from '../../examples/electron/fake-electron'

/** Stands in for the module `electron`. */
export const { app, BrowserWindow, contextBridge, dialog, ipcMain, ipcRenderer, Menu, net, powerMonitor, safeStorage } =
  electron
