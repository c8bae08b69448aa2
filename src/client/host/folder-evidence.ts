import { createHmac } from 'node:crypto'
import { stat } from 'node:fs/promises'

/**
 * What tells the data folder from a copy of it, as a salted hash of 43 characters: the folder's number on its disk and the
 * instant of its birth. A copy on another computer has others. A new machine id leaves both as they are.
 *
 * @param hostId the salt: the same folder is another one for each app
 * @returns undefined where the file system knows no birth time. Node.js then gives 0, or the time of the last change
 */
export async function folderEvidence(dataDir: string | undefined, hostId: string): Promise<string | undefined> {
  if (dataDir === undefined) return undefined
  const found = await stat(dataDir, { bigint: true }).catch(() => undefined)
  if (found === undefined) return undefined
  const { ino, birthtimeNs, ctimeNs } = found
  if (ino <= 0n || birthtimeNs <= 0n || birthtimeNs === ctimeNs) return undefined
  return createHmac('sha256', hostId).update(`folder ${ino} ${birthtimeNs}`).digest('base64url')
}
