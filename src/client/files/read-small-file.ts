import { readFile, stat } from 'node:fs/promises'

/**
 * Reads a text file that is small where it is ours. Its kind and size are asked first, since somebody else may have put
 * anything in its place: a file that fills the memory, or a pipe that never ends.
 *
 * @throws the system's error; one with code `EFBIG` when the file is larger than `maxBytes`, `EINVAL` when it is no plain file
 */
export async function readSmallFile(file: string, maxBytes = 1_048_576): Promise<string> {
  const found = await stat(file)
  if (!found.isFile()) throw Object.assign(new Error('not a plain file'), { code: 'EINVAL' })
  if (found.size > maxBytes) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
  return await readFile(file, 'utf8')
}
