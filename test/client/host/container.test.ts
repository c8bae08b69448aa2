import { exec } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isContainer } from '../../../src/client/host/container'
import { type MachineProbes, SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import { withSystemPrograms } from '../../../src/client/host/system-programs'

const MARKERS: Readonly<Record<string, Partial<MachineProbes>>> = {
  docker: { exists: (file) => file === '/.dockerenv' },
  podman: { exists: (file) => file === '/run/.containerenv' },
  kubernetes: { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } },
}

/** The root of the file tree, as `/proc/self/mountinfo` has it, below the folders that every Linux has. */
function mounts(root: string, type: string): string {
  return `22 27 0:21 / /proc rw - proc proc rw\n27 1 254:0 ${root} / rw,noatime shared:1 - ${type} /dev/x rw\n`
}

function linux(marker: Partial<MachineProbes>, files: Record<string, string>): MachineProbes {
  const readText = async (file: string) => files[file] ?? Promise.reject(new Error('ENOENT'))
  return { ...SYSTEM_PROBES, platform: 'linux', env: {}, exists: () => false, readText, ...marker }
}

const PC = { '/proc/1/comm': 'systemd\n' }

describe.each(Object.entries(MARKERS))('the marker of %s', (_, marker) => {
  it.each([
    ['overlay, as most containers', 'node\n', mounts('/', 'overlay')],
    ['overlay, with systemd inside', 'systemd\n', mounts('/', 'overlay')],
    ['a folder of the disk', 'systemd\n', mounts('/var/lib/docker/vfs/dir/8ac8', 'ext4')],
    ['a subvolume', 'init\n', mounts('/var/lib/containers/storage/btrfs/subvolumes/8ac8', 'btrfs')],
    ['a disk of its own, in a small virtual machine', 'app\n', mounts('/', 'ext4')],
    ['a file system of the sandbox', 'init\n', mounts('/', '9p')],
  ])('counts on %s', async (_case, comm, mountinfo) => {
    const files = { '/proc/1/comm': comm, '/proc/self/mountinfo': mountinfo }
    expect(await isContainer(linux(marker, files))).toBe(true)
    expect(await isContainer(linux({}, files)), 'without it').toBe(false)
  })

  it('counts where /proc cannot be read', async () => {
    expect(await isContainer(linux(marker, {}))).toBe(true)
  })

  it.each([
    ['ext4', '/'],
    ['xfs', '/'],
    ['btrfs', '/@'],
    ['btrfs', '/root'],
    ['btrfs', '/@/.snapshots/1/snapshot'],
  ])('does not count on a computer that has booted from %s %s', async (type, root) => {
    expect(await isContainer(linux(marker, { ...PC, '/proc/self/mountinfo': mounts(root, type) }))).toBe(false)
  })

  it.each(['win32', 'darwin', 'freebsd'] as const)('does not count on %s', async (platform) => {
    expect(await isContainer({ ...linux(marker, {}), platform })).toBe(false)
  })
})

describe('programs of the system', () => {
  it('are found by their own names, whatever PATH says, which is as it was afterwards', async () => {
    const env = process.env
    const before = env.PATH
    env.PATH = '/tmp/of-somebody'
    try {
      const printed = withSystemPrograms(
        { platform: 'darwin', exists: () => false },
        () => new Promise<string>((resolve) => exec('printenv PATH', (_, stdout) => resolve(stdout.trim()))),
      )
      expect(env.PATH).toBe('/tmp/of-somebody')
      expect(await printed).toBe('/usr/sbin:/usr/bin:/sbin:/bin')
    } finally {
      env.PATH = before
    }
  })

  it('are those of C:\\Windows, where it stands', () => {
    const env: NodeJS.ProcessEnv = { windir: 'D:\\fake', ComSpec: 'D:\\fake.exe' }
    const during = withSystemPrograms({ platform: 'win32', exists: () => true, env }, () => ({ ...env }))
    expect(during).toEqual({ windir: 'C:\\Windows', ComSpec: 'C:\\Windows\\System32\\cmd.exe' })
    expect(env).toEqual({ windir: 'D:\\fake', ComSpec: 'D:\\fake.exe' })
    const elsewhere = withSystemPrograms({ platform: 'win32', exists: () => false, env }, () => ({ ...env }))
    expect(elsewhere).toEqual(env)
  })
})
