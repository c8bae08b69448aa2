import { join } from 'node:path'
import { app, BrowserWindow, ipcMain } from 'electron'
import { runUninstall } from 'keyslot/client'
import { installerEvent } from './installer-event'
import { APP_NAME, createKit, toErrorView, toView } from './licensing'

/** Half a day: renewing costs one request, and `refreshDue` says when it is worth one. */
const REFRESH_INTERVAL_MS = 12 * 60 * 60 * 1000

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
  ipcMain.handle('license:check', async () => toView(await kit.check()))
  ipcMain.handle('license:activate', (_event, licenseKey) => kit.activate(String(licenseKey)).then(toView, toErrorView))
  // Uninstalling on macOS runs no code: the app's menu offers "Deactivate this computer" instead.
  ipcMain.handle('license:deactivate', () => kit.deactivate())

  const license = await kit.check()
  await openWindow(license.usable ? 'editor.html' : 'enter-license-key.html')
  if (license.refreshDue) void kit.refresh()
  setInterval(() => {
    void kit.check().then(({ refreshDue }) => (refreshDue ? kit.refresh() : undefined))
  }, REFRESH_INTERVAL_MS).unref()
  app.on('window-all-closed', () => app.quit())
}

async function openWindow(page: string): Promise<void> {
  const window = new BrowserWindow({
    width: 1000,
    height: 700,
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
    },
  })
  await window.loadFile(page)
}
