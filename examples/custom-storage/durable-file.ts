import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LicenseError } from 'keyslot/server'

/**
 * Readers see the old file or the new one, never half of one, and after a power cut as well: the bytes are synced
 * before the rename, and the folder that holds the new name after it.
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  try {
    const draft = `${file}.draft`
    await withHandle(await open(draft, 'w', 0o600), async (handle) => {
      await handle.writeFile(text)
      await handle.sync()
    })
    await rename(draft, file)
    await withHandle(await open(dirname(file), 'r'), (folder) => folder.sync())
  } catch (cause) {
    // Trying again may help, and this code says so: keyslot answers 503.
    throw new LicenseError('STORAGE_UNAVAILABLE', 'The license file cannot be written.', { cause })
  }
}

async function withHandle(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}
