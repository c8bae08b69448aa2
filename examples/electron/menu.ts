import { app, dialog, Menu } from 'electron'
import type { DeactivateResult, LicenseKit } from 'keyslot/client'

/**
 * The application's menu. Uninstalling on macOS runs no code of ours (the app is dragged to the bin), so that giving the
 * license back has to be something a person can do.
 * @param onDeactivated called when this computer holds no license any more
 */
export function createMenu(kit: LicenseKit, onDeactivated: () => Promise<void>): Menu {
  return Menu.buildFromTemplate([
    {
      label: app.name,
      submenu: [
        { role: 'about' },
        { type: 'separator' },
        { label: 'Deactivate This Computer…', click: () => void deactivateThisComputer(kit, onDeactivated) },
        { type: 'separator' },
        { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    { role: 'windowMenu' },
  ])
}

/** Asks first: without a license key at hand there is no way back. */
async function deactivateThisComputer(kit: LicenseKit, onDeactivated: () => Promise<void>): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Deactivate this computer?',
    detail: 'The license can then be used on another one. To use it here again, its license key is needed.',
    buttons: ['Cancel', 'Deactivate'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response !== 1) return
  const result = await kit.deactivate()
  await onDeactivated()
  await dialog.showMessageBox({ type: 'info', message: sentenceFor(result), buttons: ['OK'] })
}

function sentenceFor({ outcome, message, persisted }: DeactivateResult): string {
  if (outcome !== 'queued-offline') return message
  return persisted
    ? 'The license server cannot be reached. Start the app once more, online, before you delete it.'
    : 'The license server cannot be reached. Please ask the vendor to free this computer.'
}
