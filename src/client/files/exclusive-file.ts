import { rm } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, SYSTEM_CALLS, syncFolder, writeSynced, writeTemporary } from './atomic-file'

/**
 * Creates the file with this content unless it exists: of any number of simultaneous writers, the first wins and its
 * content appears whole.
 * @returns whether this call created it
 * @throws the system's error when it cannot be written
 */
export async function createExclusively(file: string, text: string, calls = SYSTEM_CALLS): Promise<boolean> {
  const temporary = await writeTemporary(file, text)
  try {
    await calls.link(temporary, file)
    await syncFolder(path.dirname(file))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // exFAT and some network file systems have no links. What is left is exclusive, though not whole at once.
    return await createPlainly(file, text)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function createPlainly(file: string, text: string): Promise<boolean> {
  try {
    await writeSynced(file, text)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}
