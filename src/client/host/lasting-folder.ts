import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { MachineProbes } from './machine-id'

/** File systems that are gone with their container. */
const PASSING = /^(?:overlay|aufs|tmpfs|ramfs)$|^fuse\.fuse-overlayfs$/

/**
 * Whether a folder is known to be gone when this container is made anew: it is on the image's own file system, or in memory.
 * False where that cannot be told, as on a volume.
 * @see proc_pid_mountinfo(5)
 */
export async function isGoneWithContainer(
  dataDir: string,
  { readText }: Pick<MachineProbes, 'readText'>,
): Promise<boolean> {
  const text = await readText('/proc/self/mountinfo').catch(() => '')
  // The folder may be a link into a volume.
  const folder = await realpath(dataDir).catch(() => dataDir)
  let [longest, kind] = ['', '']
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = plain(before.split(' ')[4] ?? '')
    // The last one mounted on a folder is the one that is seen.
    if (holds(point, folder) && point.length >= longest.length) [longest, kind] = [point, after.split(' ')[0] ?? '']
  }
  return PASSING.test(kind)
}

function holds(point: string, folder: string): boolean {
  if (point === '') return false
  const inside = path.posix.relative(point, folder)
  return inside !== '..' && !inside.startsWith('../')
}

/** Spaces and the like are written as three octal digits. */
function plain(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
