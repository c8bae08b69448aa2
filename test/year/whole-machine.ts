import type { MachineProbes } from '../../src/client/host/machine-id'
import type { Build } from './build'

/** What a container's own environment says of it. */
export const CONTAINER_ENV = { container: 'docker' }

const ROOT_ON_A_DISK = '24 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n'

/** The same build on computers that have booted from a disk, but for those with {@link CONTAINER_ENV}. */
export function onWholeMachines(build: Build): Build {
  return { ...build, createKit: (options, probes, clock) => build.createKit(options, wholeMachine(probes), clock) }
}

function wholeMachine(probes: MachineProbes): MachineProbes {
  if (probes.env.container !== undefined) return probes
  return {
    ...probes,
    async readText(file) {
      if (file === '/proc/1/comm') return 'systemd\n'
      return file === '/proc/self/mountinfo' ? ROOT_ON_A_DISK : await probes.readText(file)
    },
  }
}
