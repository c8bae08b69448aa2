import { join } from 'node:path'
import { app, BrowserWindow, ipcMain, Menu } from 'electron'
import { type LicenseKit, runUninstall } from 'keyslot/client'
import { installerEvent } from './installer-event'
import { createLicenseEntry } from './license-entry'
import type { LicenseView } from './license-view'
import { type LicenseWatch, watchLicense } from './license-watch'
import { APP_NAME, createKit } from './licensing'
import { createMenu } from './menu'

/** Before anything else, windows above all: an installer waits for us, and shows what we show. */
export async function start(argv: readonly string[]): Promise<void> {
  const event = installerEvent(argv)
  if (event === 'uninstall') app.exit((await runUninstall({ appName: APP_NAME })).exitCode)
  else if (event === 'ignore') app.quit()
  else await runApp()
}

async function runApp(): Promise<void> {
  await app.whenReady()
  const kit = createKit()
  const watch = await watchLicense(kit, tellWindows)
  const window = createWindow()
  answerWindow(kit, watch, window)
  Menu.setApplicationMenu(
    createMenu(kit, async () => {
      await watch.look()
      await window.loadFile('enter-license-key.html')
    }),
  )
  app.on('window-all-closed', () => app.quit())
  await window.loadFile(watch.view().usable ? 'editor.html' : 'enter-license-key.html')
}

/** Which page is shown is decided here: a page could be made to skip its own check. */
function answerWindow(kit: LicenseKit, watch: LicenseWatch, window: BrowserWindow): void {
  const entry = createLicenseEntry(kit)
  const openEditorIfUsable = async (answer: Promise<LicenseView>) => {
    const view = await answer
    if (view.usable) await window.loadFile('editor.html')
    return view
  }
  ipcMain.handle('license:view', () => watch.view())
  ipcMain.handle('license:enter-key', () => window.loadFile('enter-license-key.html'))
  ipcMain.handle('license:activate', (_event, licenseKey) => openEditorIfUsable(entry.activate(asText(licenseKey))))
  ipcMain.handle('license:move-here', (_event, licenseKey, device) =>
    openEditorIfUsable(entry.moveHere(asText(licenseKey), asText(device))),
  )
  ipcMain.handle('license:start-trial', () => openEditorIfUsable(entry.startTrial()))
}

/** Whatever a page was made to send. */
function asText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a page may send text only')
  return value
}

/** A license that ends while somebody works takes no work away: the page that is shown says so, and stays. */
function tellWindows(view: LicenseView): void {
  for (const { webContents } of BrowserWindow.getAllWindows()) webContents.send('license:changed', view)
}

function createWindow(): BrowserWindow {
  return new BrowserWindow({
    width: 1000,
    height: 700,
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
    },
  })
}
