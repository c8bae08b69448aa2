import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { CommandFailure } from './failure'

/**
 * Writes a file only its owner may read, over what is there: whole, or not at all.
 * @throws {CommandFailure} when it cannot be written
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    // Writing into a file that is there would leave it the mode it has.
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
    await rename(temporary, file)
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  } finally {
    await rm(temporary, { force: true })
  }
}
