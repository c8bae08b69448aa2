import type { MachineProbes } from './machine-id'

/** File systems of a disk, which a machine boots from. Containers have their root on others, or on a part of such a one. */
const OF_A_DISK = /^(?:ext[234]|xfs|btrfs|f2fs|bcachefs)$/
const PART_OF_A_DISK = /docker|container|kubelet|subvolumes|\/overlay/
const FIRST_PROCESS = /^(?:systemd|init|openrc-init|runit|runit-init|dinit|shepherd)$/

/**
 * Whether this is plainly a machine of its own, which has booted from a disk and was started by an init system.
 * @see proc_pid_mountinfo(5)
 */
export async function isWholeMachine({ readText }: Pick<MachineProbes, 'readText'>): Promise<boolean> {
  const [first, mounts] = await Promise.all(
    ['/proc/1/comm', '/proc/self/mountinfo'].map((file) => readText(file).catch(() => '')),
  )
  if (!FIRST_PROCESS.test(first?.trim() ?? '')) return false
  // The last one mounted on a folder is the one that is seen.
  const root = mounts?.split('\n').findLast((line) => line.split(' ')[4] === '/')
  const [before = '', after = ''] = root?.split(' - ') ?? []
  return OF_A_DISK.test(after.split(' ')[0] ?? '') && !PART_OF_A_DISK.test(before.split(' ')[3] ?? '')
}
