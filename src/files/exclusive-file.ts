import { type Placing, placeFile, SYSTEM_CALLS, writeSynced } from './atomic-file'
import { codeOf } from './error-code'

/**
 * Creates a file with this content, unless the file exists: of any number of simultaneous writers the first one wins, and
 * its content appears whole. The file has mode 0600.
 *
 * @returns whether this call created the file
 * @throws the system's error when the file cannot be written
 */
export async function createExclusively(
  file: string,
  text: string,
  { calls = SYSTEM_CALLS, sharedFolder }: Placing = {},
): Promise<boolean> {
  return await placeFile(file, text, sharedFolder, async (temporary) => {
    try {
      return await isCreated(calls.link(temporary, file))
    } catch {
      // exFAT and some network file systems have no links. The first writer still wins, but its content grows visibly.
      return await isCreated(writeSynced(file, text, !sharedFolder))
    }
  })
}

async function isCreated(step: Promise<void>): Promise<boolean> {
  try {
    await step
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}
