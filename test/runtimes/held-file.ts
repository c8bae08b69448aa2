import { closeSync, constants, openSync, readFileSync } from 'node:fs'

/** libuv's, on Windows alone: as long as the file is open, nobody else may open, replace or remove it. */
const EXCLUSIVELY = 0x10000000

/**
 * Holds a file for a time, as a virus scanner does that looks at it.
 * @returns what others are told meanwhile: the code of their error, or `free` where they are told nothing
 */
export function hold(file: string, forMs: number): string {
  const handle = openSync(file, constants.O_RDONLY | EXCLUSIVELY)
  setTimeout(() => closeSync(handle), forMs).unref()
  try {
    readFileSync(file)
    return 'free'
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
