import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const LIBRARY = 'libfaketime.so.1'

/**
 * The library that shows a process another time: where Debian's package has put it, or fetched into `folder` without
 * installing anything. Undefined where neither is possible.
 */
export function findLibfaketime(folder: string): string | undefined {
  const installed = searchBelow('/usr/lib')
  if (installed !== undefined) return installed
  try {
    execFileSync('apt-get', ['download', 'libfaketime'], { cwd: folder, stdio: 'ignore' })
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? ''
    execFileSync('dpkg', ['-x', join(folder, deb), folder])
  } catch {
    return undefined
  }
  return searchBelow(join(folder, 'usr/lib'))
}

/** In `<architecture>/faketime`, or `faketime`. */
function searchBelow(libraries: string): string | undefined {
  if (!existsSync(libraries)) return undefined
  const folders = [libraries, ...readdirSync(libraries).map((name) => join(libraries, name))]
  return folders.map((name) => join(name, 'faketime', LIBRARY)).find(existsSync)
}
