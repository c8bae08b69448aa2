import { electron, fake } from '../../examples/electron/fake-electron'
import { start } from '../../examples/electron/main'

/** The Electron example's main process without Electron; at its end it prints what its window shows. */
async function run(command: string | undefined, licenseKey: string | undefined): Promise<void> {
  fake.fetch = (url, init) => fetch(url, init)
  await start(command === undefined || command === 'activate' ? [] : [command])
  if (fake.exits.length > 0) process.exit(fake.exits[0])
  const { invoke } = electron.ipcRenderer
  const answered = licenseKey === undefined ? undefined : await invoke('license:activate', licenseKey)
  // The computer wakes: the watch looks, and renews where that is due. The process ends once that is over.
  if (answered === undefined) for (const wake of fake.onResume) wake()
  process.once('beforeExit', async () => {
    process.stdout.write(JSON.stringify(answered ?? (await invoke('license:view'))))
  })
}

void run(process.argv[2], process.argv[3])
