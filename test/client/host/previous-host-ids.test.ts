import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { deriveHostId, type HostIdentity, resolveHostId } from '../../../src/client/host/host-id'
import { type MachineProbes, SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import { findPreviousHostIds } from '../../../src/client/host/previous-host-ids'
import { createTokenCache } from '../../../src/client/store/license-on-disk'
import { temporaryDir } from '../temporary-dir'

/** So many machine ids, all different and all plausible. */
const machineIds = Array.from({ length: 12 }, (_, index) => `3d1219c7c4c5404aaa1f6d2a48adfd${10 + index}`)
const hostIds = machineIds.map((machineId) => deriveHostId(machineId, 'acme'))

function resolve(dataDir: string | undefined, machineId: string | undefined, hostId?: string): Promise<HostIdentity> {
  const readText = async (file: string) => {
    if (file !== '/etc/machine-id' || machineId === undefined) throw new Error('ENOENT')
    return machineId
  }
  const probes: MachineProbes = { ...SYSTEM_PROBES, platform: 'linux', env: {}, exists: () => false, readText }
  return resolveHostId({ appName: 'acme', dataDir, hostId, probes })
}

const previous = (dataDir: string | undefined, identity: HostIdentity) =>
  findPreviousHostIds({ cache: createTokenCache(dataDir), dataDir }, identity)

describe('findPreviousHostIds', () => {
  it('finds none on a host that was never another, with or without a data folder', async () => {
    const dataDir = await temporaryDir()
    for (const dir of [undefined, dataDir, dataDir]) {
      expect(await previous(dir, await resolve(dir, machineIds[0]))).toEqual([])
    }
  })

  it('names the latest first, at most eight, each once and never the present one', async () => {
    const dataDir = await temporaryDir()
    for (const machineId of machineIds) await resolve(dataDir, machineId)
    expect(await previous(dataDir, await resolve(dataDir, machineIds[11]))).toEqual(hostIds.slice(3, 11).toReversed())
    expect(await previous(dataDir, await resolve(dataDir, machineIds[9]))).toEqual(
      [11, 10, 8, 7, 6, 5, 4, 3].map((index) => hostIds[index]),
    )
    const lines = (await readFile(path.join(dataDir, 'host-id'), 'utf8')).split('\n')
    expect(lines).toHaveLength(10)
  })

  it('still knows the present one, when the machine id cannot be read', async () => {
    const dataDir = await temporaryDir()
    for (const machineId of machineIds.slice(0, 2)) await resolve(dataDir, machineId)
    const identity = await resolve(dataDir, undefined)
    expect(identity).toMatchObject({ hostId: hostIds[1], source: 'machine' })
    expect(await previous(dataDir, identity)).toEqual([hostIds[0]])
  })

  it.each(['', 'torn', `h1.torn\n${hostIds[0]}\n`, `${hostIds[0]}\n${'x'.repeat(9)}`])(
    'believes nothing of a damaged file: %j',
    async (text) => {
      const dataDir = await temporaryDir()
      await writeFile(path.join(dataDir, 'host-id'), text)
      const identity = await resolve(dataDir, machineIds[1])
      expect(identity.hostId).toBe(hostIds[1])
      expect(await previous(dataDir, identity)).toEqual([])
    },
  )
})
