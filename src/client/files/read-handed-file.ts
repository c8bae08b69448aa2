import { readFile, stat } from 'node:fs/promises'
import { LicenseError } from '../../protocol'
import { errorSentence } from '../words/error-sentences'

/**
 * Reads a file that a person brought, such as a license file.
 *
 * @param tooLarge makes the error for a file of more than `maxBytes`
 * @returns the text, without a byte order mark
 * @throws {LicenseError} FILE_UNREADABLE when the file is not there, may not be read or is no plain file, with the
 * system's error as `cause`; the error of `tooLarge`
 */
export async function readHandedFile(path: string, maxBytes: number, tooLarge: () => LicenseError): Promise<string> {
  const bytes = await readBytes(path, maxBytes).catch((cause: unknown) => {
    throw new LicenseError('FILE_UNREADABLE', errorSentence('FILE_UNREADABLE'), { cause })
  })
  if (bytes === undefined) throw tooLarge()
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** Undefined when the file is too large. The kind of file is asked first: reading a pipe or a device might never end. */
async function readBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error('not a plain file')
  if (found.size > maxBytes) return undefined
  const bytes = await readFile(path)
  return bytes.length > maxBytes ? undefined : bytes
}
