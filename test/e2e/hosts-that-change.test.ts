import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examine } from '../../src/client/diagnosis/examine'
import type { MachineProbes } from '../../src/client/host/machine-id'
import { temporaryDir } from '../client/temporary-dir'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'
import { copyOf, DAY, forgetFolder, idOf, machine, startApp } from './changing-hosts'

const OLD = machine(idOf(0))
const NEW = machine(idOf(1))
/** More than the server's clock and the time it tells lie apart. */
const MINUTE = 60_000

let fixture: Fixture
let dataDir: string

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  dataDir = await temporaryDir()
  fixture.clock.now = new Date()
})
afterEach(() => fixture.close())

const pass = (days: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + days * DAY)
}
const online = (probes: MachineProbes, folder = dataDir) => startApp(fixture, folder, probes)
const offline = (probes: MachineProbes, folder = dataDir) =>
  startApp(fixture, folder, probes, { fetch: () => Promise.reject(new TypeError('fetch failed')) })
const slotsOf = async (key: string) => (await fixture.licensing.licenses.get(key)).activations
const idsOf = async (key: string) => (await slotsOf(key)).map(({ id }) => id)

/** A license with so many slots, activated in the folder on this machine. */
async function activated(maxActivations: number, probes = OLD): Promise<string> {
  const key = await makeKey(fixture, { maxActivations, expiryDate: null })
  expect(await online(probes).activate(key)).toMatchObject({ status: 'valid', reason: 'OK' })
  return key
}

/** On how many of these days, 0 included, an app that starts without network is usable. */
async function daysUsable(probes: MachineProbes, days: number, folder = dataDir): Promise<number> {
  const start = fixture.clock.now
  let usable = 0
  for (let day = 0; day < days; day++) {
    fixture.clock.now = new Date(start.getTime() + day * (DAY + MINUTE))
    if ((await offline(probes, folder).start()).usable) usable++
  }
  fixture.clock.now = start
  return usable
}

describe('a computer with a new mainboard', () => {
  it('goes on offline for three days, and keeps its slot at the next contact, no key typed', async () => {
    const key = await activated(1)
    const slots = await idsOf(key)
    const changed = { status: 'valid', usable: true, reason: 'HOST_CHANGED', refreshDue: true }
    for (let day = 0; day < 3; day++) {
      expect(await offline(NEW).start()).toMatchObject(changed)
      pass(1)
    }
    expect(await online(NEW).refresh()).toMatchObject({ status: 'valid', reason: 'OK', refreshDue: false })
    expect(await idsOf(key)).toEqual(slots)
    expect(await offline(NEW).start()).toMatchObject({ status: 'valid', reason: 'OK' })
  })

  it('is locked out on the first day by the careless control, which knows the machine id alone', async () => {
    await activated(1)
    await forgetFolder(dataDir)
    expect(await daysUsable(NEW, 3)).toBe(0)
  })

  it('asks after seven days, and mends at the first contact of start()', async () => {
    const key = await activated(1)
    const slots = await idsOf(key)
    expect(await daysUsable(NEW, 8)).toBe(7)
    pass(8)
    const refused = { status: 'wrong-host', reason: 'TOKEN_WRONG_HOST', refreshDue: true }
    expect(await offline(NEW).start()).toMatchObject(refused)
    expect(await online(NEW).start()).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await idsOf(key)).toEqual(slots)
  })

  it('is good to the end of the license token at most', async () => {
    await activated(1)
    const { tokenExpiresAt, graceEndsAt } = await online(OLD).check()
    const last = (graceEndsAt ?? tokenExpiresAt)?.getTime() ?? 0
    fixture.clock.now = new Date(last - DAY)
    const found = await offline(NEW).check()
    expect(found).toMatchObject({ usable: true, reason: 'HOST_CHANGED', graceEndsAt })
    fixture.clock.now = new Date(last)
    expect(await offline(NEW).check()).toMatchObject({ status: 'expired', usable: false })
  })

  it('takes no slot unasked when it was freed on purpose meanwhile', async () => {
    const key = await activated(2)
    expect(await online(OLD, await copyOf(dataDir)).deactivate()).toMatchObject({ outcome: 'freed' })
    expect(await online(NEW).refresh()).toMatchObject({ usable: false })
    expect(await slotsOf(key)).toEqual([])
  })

  it('is stopped by a license that is blocked', async () => {
    const key = await activated(1)
    await fixture.licensing.licenses.update(key, { blocked: true })
    const found = await online(NEW).refresh()
    expect([found.usable, found.status]).toEqual([false, 'revoked'])
  })
})

describe('a folder that is copied to a second computer', () => {
  it('takes nothing from the first, which renews: it gets no slot where none is free', async () => {
    const key = await activated(1)
    const copy = await copyOf(dataDir)
    pass(1)
    expect(await online(OLD).refresh()).toMatchObject({ status: 'valid' })
    const second = await online(NEW, copy).start()
    expect(second).toMatchObject({ status: 'wrong-host', lastContact: { code: 'ACTIVATION_LIMIT_REACHED' } })
    expect(second.message).toContain('in use on another computer')
    pass(1)
    expect(await online(OLD).refresh()).toMatchObject({ status: 'valid', reason: 'OK' })
    // The careless control: earlier ids and proof alone, as a person's activate() shows them, take the slot.
    expect(await online(NEW, copy).activate(key)).toMatchObject({ status: 'valid' })
    expect(await online(OLD).refresh()).toMatchObject({ usable: false })
  })

  it('gets a free slot, and the first keeps its own', async () => {
    const key = await activated(2)
    const copy = await copyOf(dataDir)
    expect(await online(NEW, copy).start()).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await online(OLD).refresh()).toMatchObject({ status: 'valid' })
    expect(await slotsOf(key)).toHaveLength(2)
  })

  it('is moved without a question where the first is gone', async () => {
    const key = await activated(1)
    const slots = await idsOf(key)
    const copy = await copyOf(dataDir)
    await rm(dataDir, { recursive: true })
    pass(3)
    expect(await offline(NEW, copy).start()).toMatchObject({ status: 'wrong-host', refreshDue: true })
    expect(await online(NEW, copy).start()).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await idsOf(key)).toEqual(slots)
  })

  it('gives no day without contact', async () => {
    await activated(1)
    expect(await daysUsable(NEW, 8, await copyOf(dataDir))).toBe(0)
  })
})

describe('two systems on one home', () => {
  it('come to a slot each, and neither is locked out', async () => {
    const key = await activated(2)
    for (let boot = 0; boot < 10; boot++) {
      pass(1)
      const system = boot % 2 === 0 ? NEW : OLD
      expect(await offline(system).check(), `boot ${boot}`).toMatchObject({ usable: true })
      expect(await online(system).refresh(), `boot ${boot}`).toMatchObject({ status: 'valid', reason: 'OK' })
    }
    expect(await slotsOf(key)).toHaveLength(2)
  })
})

describe('a container that shares home and machine id with its computer', () => {
  const marked = { exists: (file: string) => file === '/run/.containerenv' }

  it('is that computer, and leaves its license as it is', async () => {
    const key = await activated(1)
    const toolbox = machine(idOf(0), marked)
    for (let turn = 0; turn < 3; turn++) {
      for (const probes of [toolbox, OLD]) {
        expect(await online(probes).refresh()).toMatchObject({ status: 'valid', reason: 'OK' })
      }
    }
    expect(await slotsOf(key)).toHaveLength(1)
  })

  it('is a host of its own with another machine id, and takes neither slot nor record unasked', async () => {
    const key = await activated(2)
    const other = machine(idOf(5), marked)
    expect(await online(other).refresh()).toMatchObject({ status: 'wrong-host', refreshDue: false })
    expect(await online(OLD).check()).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await slotsOf(key)).toHaveLength(1)
  })
})

describe('a machine id that cannot be read', () => {
  const unread = machine()

  it('is no matter for seven days, is told of after one, and is mended by contact', async () => {
    await activated(1)
    expect(await offline(unread).check()).toMatchObject({ status: 'valid', reason: 'OK', refreshDue: false })
    pass(3)
    expect(await offline(unread).check()).toMatchObject({ usable: true, reason: 'HOST_CHANGED', refreshDue: true })
    expect(await online(unread).refresh()).toMatchObject({ status: 'valid', reason: 'OK', refreshDue: false })
    expect(await daysUsable(unread, 9)).toBe(7)
    pass(9)
    const refused = { status: 'wrong-host', reason: 'HOST_ID_UNAVAILABLE', refreshDue: true }
    expect(await offline(unread).start()).toMatchObject(refused)
    expect(await online(unread).start()).toMatchObject({ status: 'valid', reason: 'OK' })
  })

  it('begins anew once it was read again', async () => {
    await activated(1)
    await offline(unread).check()
    pass(6)
    expect(await offline(OLD).check()).toMatchObject({ status: 'valid', reason: 'OK' })
    pass(2)
    expect(await offline(unread).check()).toMatchObject({ status: 'valid', reason: 'OK' })
  })
})

describe('the doctor', () => {
  const system = (probes: MachineProbes) => ({ probes, fileSystemType: async () => 0 })
  const examined = async (probes: MachineProbes, folder = dataDir) => {
    const options = { appName: 'acme-editor', dataDir: folder, trustedKeys: fixture.licensing.jwks.keys }
    const { license } = await examine({ ...options, now: () => fixture.clock.now }, system(probes))
    return [license.status, license.reason, license.usable]
  }

  it('says what check() says, and writes nothing', async () => {
    await activated(1)
    const copy = await copyOf(dataDir)
    for (const _ of [0, 1]) {
      expect(await examined(NEW)).toEqual(['valid', 'HOST_CHANGED', true])
      pass(2)
    }
    expect(await examined(NEW, copy)).toEqual(['wrong-host', 'TOKEN_WRONG_HOST', false])
    await offline(NEW).check()
    pass(8)
    expect(await examined(NEW)).toEqual(['wrong-host', 'TOKEN_WRONG_HOST', false])
  })
})

describe('who copies files to have more computers', () => {
  it('gains no day on each of five with the remembered id and an emptied machine id; seven where the folder is unknown', async () => {
    await activated(1)
    const careless = await copyOf(dataDir)
    await forgetFolder(careless)
    for (let index = 0; index < 5; index++) {
      expect(await daysUsable(machine(), 9, await copyOf(dataDir))).toBe(0)
      expect(await daysUsable(machine(), 9, await copyOf(careless))).toBe(7)
    }
  })

  it('gains no day on each of five with one installation id and good machine ids', async () => {
    await activated(1, machine())
    for (let index = 1; index <= 5; index++) {
      expect(await daysUsable(machine(idOf(index)), 3, await copyOf(dataDir))).toBe(0)
    }
    // The careless control: where no machine has an id, the file is the host.
    expect(await daysUsable(machine(), 3, await copyOf(dataDir))).toBe(3)
  })

  it('a host known by its installation id keeps its slot once its machine has an id', async () => {
    const key = await activated(1, machine())
    const slots = await idsOf(key)
    expect(await offline(NEW).check()).toMatchObject({ usable: true, reason: 'HOST_CHANGED' })
    expect(await online(NEW).refresh()).toMatchObject({ status: 'valid', reason: 'OK' })
    expect(await idsOf(key)).toEqual(slots)
    await rm(path.join(dataDir, 'installation-id'))
    expect(await offline(NEW).check()).toMatchObject({ status: 'valid', reason: 'OK' })
  })
})
