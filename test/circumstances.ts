/** What only some computers allow a test, and what is said where one does not. */
import { spawnSync } from 'node:child_process'

let mounts: boolean | undefined

/** Whether this process may give others mounts of their own: Linux, root, and not a container that forbids it. */
export function canMountPrivately(): boolean {
  mounts ??= process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0
  return mounts
}

/** How a line begins that says why nothing was tried; `.ci/run` counts such a run neither as passed nor as failed. */
const LEFT_OUT = 'left out: '

/** Says that nothing was tried, and why. */
export function leaveOut(why: string): void {
  console.log(`${LEFT_OUT}${why}`)
}
