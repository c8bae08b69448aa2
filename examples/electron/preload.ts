import { contextBridge, ipcRenderer } from 'electron'

/** `window.license`, all that a page knows of it: never a token, a file, the kit, or Electron's own events. */
contextBridge.exposeInMainWorld('license', {
  /** Resolves with the license as it stands: a `LicenseView`. */
  view: () => ipcRenderer.invoke('license:view'),
  /** Resolves with what came of it, be it an error in words; where it is `usable`, the next page is on its way. */
  activate: (licenseKey: string) => ipcRenderer.invoke('license:activate', licenseKey),
  /** Resolves likewise; this computer takes the place of that one of the view's `devices`. */
  moveHere: (licenseKey: string, device: string) => ipcRenderer.invoke('license:move-here', licenseKey, device),
  /** Lets the person choose where the request for a license file goes. Resolves likewise; null where nowhere. */
  saveRequest: (licenseKey: string) => ipcRenderer.invoke('license:save-request', licenseKey),
  /** Lets the person choose a license file. Resolves likewise; null where none was chosen. */
  openFile: () => ipcRenderer.invoke('license:open-file'),
  /** Resolves likewise; `trial` is `none` where the product has no trial. */
  startTrial: () => ipcRenderer.invoke('license:start-trial'),
  /** Looks now whether contact has mended the license. Resolves with the license as it then stands. */
  checkAgain: () => ipcRenderer.invoke('license:check-again'),
  /** Shows the page where a license key is entered. */
  enterKey: () => ipcRenderer.invoke('license:enter-key'),
  /** Calls `listener` with the license at every change; returns how to stop that. */
  onChange(listener: (view: unknown) => void): () => void {
    const forward = (_event: unknown, view: unknown) => listener(view)
    ipcRenderer.on('license:changed', forward)
    return () => ipcRenderer.removeListener('license:changed', forward)
  },
})
