import { readFile, stat } from 'node:fs/promises'
import { withPatience } from '../../files/atomic-file'
import { codeOf } from '../../files/error-code'

/** About a tenth of a second: an app waits for it. */
const TRIES = 5

/** There is no such file, or something else stands in its place: a folder, a pipe, a file that is none of ours. */
const NOT_THERE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'EFBIG', 'ELOOP', 'ENAMETOOLONG']

/**
 * Reads a text file that is small where it is ours. Its kind and size are asked first, since somebody else may have put
 * anything in its place: a file that fills the memory, or a pipe that never ends. A file that another process holds is tried
 * again.
 *
 * @throws the system's error; one with code `EFBIG` when the file is larger than `maxBytes`, `EINVAL` when it is no plain file
 */
export async function readSmallFile(file: string, maxBytes = 1_048_576): Promise<string> {
  return await withPatience(async () => {
    const found = await stat(file)
    if (!found.isFile()) throw Object.assign(new Error('not a plain file'), { code: 'EINVAL' })
    if (found.size > maxBytes) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
    return await readFile(file, 'utf8')
  }, TRIES)
}

/**
 * The same for a file that may not be there.
 *
 * @returns an empty text when there is no such file
 * @throws the system's error when there may be one and it cannot be read at present. Nobody may take that for "none", and make
 * another in its place
 */
export async function readSmallFileIfAny(file: string, maxBytes?: number): Promise<string> {
  return await readSmallFile(file, maxBytes).catch((error: unknown) => {
    if (NOT_THERE.includes(codeOf(error) ?? '')) return ''
    throw error
  })
}
