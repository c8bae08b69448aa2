import { readFile, stat } from 'node:fs/promises'
import { LicenseError } from '../../protocol'
import { errorSentence } from '../words/error-messages'

/**
 * The text of a file that a person brought, without a byte order mark.
 *
 * @param tooLarge the error for a file of more than `maxBytes`
 * @throws {LicenseError} FILE_UNREADABLE when it is not there, may not be read or is no plain file, with the system's
 * error as `cause`; `tooLarge`
 */
export async function readHandedFile(path: string, maxBytes: number, tooLarge: () => LicenseError): Promise<string> {
  const bytes = await readBytes(path, maxBytes).catch((cause: unknown) => {
    throw new LicenseError('FILE_UNREADABLE', errorSentence('FILE_UNREADABLE'), { cause })
  })
  if (bytes === undefined) throw tooLarge()
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** Undefined when there are more. Asked before opening: a pipe, or a device, would be read for ever. */
async function readBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error('not a plain file')
  if (found.size > maxBytes) return undefined
  const bytes = await readFile(path)
  return bytes.length > maxBytes ? undefined : bytes
}
