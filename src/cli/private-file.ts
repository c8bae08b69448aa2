import { chmod } from 'node:fs/promises'
import { writeAtomically } from '../files/atomic-file'
import { codeOf } from '../files/error-code'
import { CommandFailure } from './failure'

/**
 * Writes a file only its owner may read, over what is there: whole, or not at all.
 * @throws {CommandFailure} when it cannot be written
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await writeAtomically(file, text, { sharedFolder: true }).catch((error: unknown) => {
    throw new CommandFailure(`${file} cannot be written (${codeOf(error)})`)
  })
}

/**
 * Writes a file that everybody may read, over what is there: whole, or not at all.
 * @throws {CommandFailure} when it cannot be written
 */
export async function writePublicFile(file: string, text: string): Promise<void> {
  await writePrivateFile(file, text)
  await chmod(file, 0o644).catch(() => undefined)
}
