import { contextBridge, ipcRenderer } from 'electron'

// Three verbs and nothing else: the window never sees a token, a key file or the kit.
contextBridge.exposeInMainWorld('license', {
  check: () => ipcRenderer.invoke('license:check'),
  activate: (licenseKey: string) => ipcRenderer.invoke('license:activate', licenseKey),
  deactivate: () => ipcRenderer.invoke('license:deactivate'),
})
