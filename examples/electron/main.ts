import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu } from 'electron'
import { runUninstall } from 'keyslot/client'
import { installerEvent } from './installer-event'
import { createLicenseEntry, type LicenseEntry } from './license-entry'
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
  const show = showIn(window)
  answerWindow(window, show, createLicenseEntry(kit), watch)
  Menu.setApplicationMenu(
    createMenu(kit, async () => {
      await watch.look()
      await show('enter-license-key.html')
    }),
  )
  app.on('window-all-closed', () => app.quit())
  await show(watch.view().usable ? 'editor.html' : 'enter-license-key.html')
}

type ShowPage = (page: 'editor.html' | 'enter-license-key.html') => Promise<void>

/** A page that is shown already stays, with what was written in it. */
function showIn(window: BrowserWindow): ShowPage {
  let shown = ''
  return async (page) => {
    if (page === shown) return
    shown = page
    await window.loadFile(page)
  }
}

/** Which page is shown is decided here: a page could be made to skip its own check. */
function answerWindow(window: BrowserWindow, show: ShowPage, entry: LicenseEntry, watch: LicenseWatch): void {
  const openEditorIfUsable = async (answer: Promise<LicenseView>) => {
    const view = await answer
    if (view.usable) await show('editor.html')
    return view
  }
  ipcMain.handle('license:view', () => watch.view())
  ipcMain.handle('license:enter-key', () => show('enter-license-key.html'))
  ipcMain.handle('license:activate', (_event, licenseKey) => openEditorIfUsable(entry.activate(asText(licenseKey))))
  ipcMain.handle('license:move-here', (_event, licenseKey, device) =>
    openEditorIfUsable(entry.moveHere(asText(licenseKey), asText(device))),
  )
  ipcMain.handle('license:save-request', async (_event, licenseKey) => {
    const { filePath } = await dialog.showSaveDialog(window, { defaultPath: 'license-request.json' })
    return filePath ? await entry.saveRequest(filePath, asText(licenseKey)) : null
  })
  ipcMain.handle('license:open-file', async () => {
    const path = await chooseFile(window)
    return path === undefined ? null : await openEditorIfUsable(entry.openFile(path))
  })
  ipcMain.handle('license:start-trial', () => openEditorIfUsable(entry.startTrial()))
  ipcMain.handle('license:check-again', () => openEditorIfUsable(watch.look()))
}

/** The person chooses, so that no page can name a file. */
async function chooseFile(window: BrowserWindow): Promise<string | undefined> {
  const filters = [{ name: 'License files', extensions: ['lic'] }]
  return (await dialog.showOpenDialog(window, { filters, properties: ['openFile'] })).filePaths[0]
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
