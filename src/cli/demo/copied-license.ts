import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Copies and edits the files of a shipped app, as a thief would. */

/** A copy of an app's data folder, as if carried to another machine. */
export async function copyDataDir(from: string, to: string): Promise<string> {
  await cp(from, to, { recursive: true })
  return to
}

const LICENSE_TOKEN = /"licenseToken": *"([\w-]+)\.([\w-]+)\.([\w-]+)"/

/** The id of the key that signed the license token in an app's data folder. */
export async function readSigningKeyId(dataDir: string): Promise<string> {
  const [, header = ''] = LICENSE_TOKEN.exec(await readFile(join(dataDir, 'license.json'), 'utf8')) ?? []
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
  return kid
}

/** Changes one character in the claims of the cached license token, where it says what is licensed until when. */
export async function changeOneCharacter(dataDir: string): Promise<{ readonly from: string; readonly to: string }> {
  const file = join(dataDir, 'license.json')
  const text = await readFile(file, 'utf8')
  const claims = LICENSE_TOKEN.exec(text)?.[2]
  if (claims === undefined) throw new Error(`there is no license token in ${file}`)
  const at = text.indexOf(claims) + Math.floor(claims.length / 2)
  const from = text.charAt(at)
  const to = from === 'A' ? 'B' : 'A'
  await writeFile(file, text.slice(0, at) + to + text.slice(at + 1))
  return { from, to }
}
