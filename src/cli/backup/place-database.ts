import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../../files/error-code'
import { CommandFailure } from '../failure'

/**
 * Lets `make` fill a file beside `file`, and puts it in its place once it is on the disk: whole, or not at all. It has mode 0600.
 *
 * @param replaces whether what is at `file` by then is replaced
 * @throws {CommandFailure} when it cannot be written, or there is such a file
 */
export async function placeDatabase<T>(
  file: string,
  replaces: boolean,
  make: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = `${file}.partial`
  try {
    await rm(partial, { force: true })
    await (await open(partial, 'wx', 0o600)).close()
    const made = await make(partial)
    await sync(partial)
    await (replaces ? rename(partial, file) : link(partial, file))
    await sync(dirname(file)).catch(() => undefined)
    return made
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileThere(file)
    throw isOfSystem(error) ? new CommandFailure(`${file} cannot be written (${codeOf(error)})`) : error
  } finally {
    await rm(partial, { force: true })
  }
}

/** Something is where a file is to be. */
export function fileThere(file: string): CommandFailure {
  return new CommandFailure(`there is a file ${file}; add --replace if it is meant`)
}

function isOfSystem(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
