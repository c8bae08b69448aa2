import { cp, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MachineProbes } from '../../src/client/host/machine-id'
import type { LicenseKit } from '../../src/client/license-kit'
import { temporaryDir } from '../client/temporary-dir'
import { activateHost, makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'
import { machine, startApp } from './changing-hosts'

const MACHINE_ID = '3d1219c7c4c5404aaa1f6d2a48adfda4'
const OTHER_ID = 'b1946ac92492d2347c6235b4d2611184'
const THIRD_ID = '591785b794601e212b260e25925636fd'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  // The kit takes the time from the answers too, which Node dates by the real clock.
  fixture.clock.now = new Date()
})
afterAll(() => fixture.close())

const container = machine(MACHINE_ID, { exists: (file) => file === '/.dockerenv' })

/** The app started anew, in this folder on this machine. */
function start(dataDir: string, probes: MachineProbes, hostId?: string): LicenseKit {
  return startApp(fixture, dataDir, probes, { now: undefined, hostId })
}

async function hostsOf(key: string): Promise<readonly string[]> {
  const { activations } = await fixture.licensing.licenses.get(key)
  return activations.map(({ hostId }) => hostId)
}

interface Change {
  readonly first: MachineProbes
  readonly next: MachineProbes
  /** The app's own, next. */
  readonly hostId?: string
  readonly meanwhile?: (dataDir: string) => Promise<void>
  /** Whether the kit goes on before it is activated again, by what the folder shows. Default true. */
  readonly isSeen?: boolean
}

/** What happens between the first activation of a one-slot license and the next. */
const CHANGES: Readonly<Record<string, Change>> = {
  'the machine got another id': { first: machine(MACHINE_ID), next: machine(OTHER_ID) },
  'the app runs in a container now': { first: machine(OTHER_ID), next: container, isSeen: false },
  'the installation id was damaged': {
    first: machine(),
    next: machine(),
    meanwhile: (dataDir) => writeFile(path.join(dataDir, 'installation-id'), 'torn'),
  },
  'the installation id is gone, and the machine has one': {
    first: machine(),
    next: machine(MACHINE_ID),
    meanwhile: (dataDir) => rm(path.join(dataDir, 'installation-id')),
  },
  'the app gives a hostId of its own now': {
    first: machine(MACHINE_ID),
    next: machine(MACHINE_ID),
    hostId: 'desk-7',
    isSeen: false,
  },
}

describe('a host whose id changes', () => {
  it.each(Object.entries(CHANGES))(
    'keeps its slot: %s',
    async (_, { first, next, hostId, meanwhile, isSeen = true }) => {
      const key = await makeKey(fixture, { maxActivations: 1 })
      const dataDir = await temporaryDir()
      await start(dataDir, first).activate(key)
      const before = await hostsOf(key)
      await meanwhile?.(dataDir)

      const kit = start(dataDir, next, hostId)
      const found = isSeen ? { status: 'valid', reason: 'HOST_CHANGED' } : { status: 'wrong-host', usable: false }
      expect(await kit.check()).toMatchObject(found)
      expect(await kit.activate(key)).toMatchObject({ status: 'valid' })
      const identity = await kit.hostId()
      expect(before).not.toContain(identity.hostId)
      expect(await hostsOf(key)).toEqual([identity.hostId])
      expect(await start(dataDir, next, hostId).refresh()).toMatchObject({ status: 'valid' })
    },
  )

  it('keeps it through several changes, by what the folder remembers where it was activated without a key', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const dataDir = await temporaryDir()
    const { hostId } = await start(dataDir, machine(MACHINE_ID)).hostId()
    await activateHost(fixture, key, hostId)
    for (const machineId of [OTHER_ID, THIRD_ID]) await start(dataDir, machine(machineId)).hostId()
    const kit = start(dataDir, machine(THIRD_ID))
    expect(await kit.activate(key)).toMatchObject({ status: 'valid' })
    expect(await hostsOf(key)).toEqual([(await kit.hostId()).hostId])
  })

  it('does not keep it by its earlier ids alone, which others may know: the key it is bound to must be there', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const dataDir = await temporaryDir()
    await start(dataDir, machine(MACHINE_ID)).activate(key)
    const before = await hostsOf(key)
    const files = ['license.json', 'proof-key.json'].map((name) => path.join(dataDir, name))
    for (const file of files) await rename(file, `${file}.away`)
    const kit = start(dataDir, machine(OTHER_ID))
    await expect(kit.activate(key)).rejects.toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED' })
    expect(await hostsOf(key)).toEqual(before)
    for (const file of files) await rename(`${file}.away`, file)
    expect(await kit.activate(key)).toMatchObject({ status: 'valid' })
    expect(await hostsOf(key)).toEqual([(await kit.hostId()).hostId])
  })

  it('leaves the id before without a slot, and not with a new one at its next contact', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const [dataDir, copy] = [await temporaryDir(), await temporaryDir()]
    const original = start(dataDir, machine(MACHINE_ID))
    await original.activate(key)
    await cp(dataDir, copy, { recursive: true })
    await start(copy, machine(OTHER_ID)).activate(key)
    expect(await original.check()).toMatchObject({ status: 'valid' })
    const moved = await hostsOf(key)
    expect((await original.refresh()).lastContact?.code).toMatch(/^ACTIVATION_/)
    expect(await hostsOf(key)).toEqual(moved)
  })

  it('takes no slot from another id of the app’s own choosing', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const dataDir = await temporaryDir()
    await start(dataDir, machine(MACHINE_ID), 'ada').activate(key)
    const bob = start(dataDir, machine(MACHINE_ID), 'bob')
    await expect(bob.activate(key)).rejects.toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED' })
    expect(await hostsOf(key)).toEqual(['ada'])
  })
})
