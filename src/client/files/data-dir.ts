import os from 'node:os'
import path from 'node:path'

/** The facts that decide where the data folder is. Tests put in their own, since all of them differ between machines. */
interface Platform {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** May throw: a uid without a passwd entry has no home. */
  readonly homedir: () => string
}

const SYSTEM: Platform = { platform: process.platform, env: process.env, homedir: os.homedir }

const APP_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9_-])?$/
/** Names under which Windows opens a device instead of a file, with any extension. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Checks the app's name, which becomes the name of a folder.
 * @throws {TypeError} when some platform cannot use the name for a folder
 */
export function assertAppName(appName: unknown): string {
  if (typeof appName !== 'string' || !APP_NAME.test(appName) || DEVICE_NAME.test(appName)) {
    throw new TypeError('appName must be 1 to 64 letters, digits, spaces, ".", "_" or "-", usable as a folder name')
  }
  return appName
}

/**
 * The folder for keyslot's files: the option `dataDir`, or else `keyslot` in the platform's data folder for the app. A
 * home folder that is empty or relative counts as none, so that no file lands in the working directory.
 *
 * @returns undefined when this user has no data folder: the kit then works from memory
 */
export function resolveDataDir(appName: string, option: string | undefined, system = SYSTEM): string | undefined {
  if (option !== undefined) return path.resolve(option)
  const root = platformRoot(system)
  return root === undefined ? undefined : path.join(root, appName, 'keyslot')
}

function platformRoot({ platform, env, homedir }: Platform): string | undefined {
  const home = readHome(homedir)
  if (platform === 'win32') return absolute(env.LOCALAPPDATA) ?? below(home, 'AppData', 'Local')
  if (platform === 'darwin') return below(home, 'Library', 'Application Support')
  return absolute(env.XDG_DATA_HOME) ?? below(home, '.local', 'share')
}

function readHome(homedir: () => string): string | undefined {
  try {
    return absolute(homedir())
  } catch {
    return undefined
  }
}

function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined
}

function below(home: string | undefined, ...segments: string[]): string | undefined {
  return home === undefined ? undefined : path.join(home, ...segments)
}
