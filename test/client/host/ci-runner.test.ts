import { randomUUID } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import type { LicenseKitOptions } from '../../../src/client'
import { findCiVariable } from '../../../src/client/host/ci-runner'
import { type MachineProbes, SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import { composeClocked } from '../clocked-kit'
import { codeOf } from '../error-code'
import { type FakeLicenseServer, startLicenseServer } from '../fake-license-server'
import { ManualClock } from '../manual-clock'
import { temporaryDir } from '../temporary-dir'
import { LICENSE_KEY, NOW } from '../token-factory'

const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
afterEach(() => warnings.mockClear())

const GITHUB = { CI: 'true', GITHUB_ACTIONS: 'true' }

interface Run {
  readonly env?: MachineProbes['env']
  readonly options?: Partial<LicenseKitOptions>
}

/** A run on a computer that was made for it: its machine id and its folder are new. */
async function run(server: FakeLicenseServer, { env = {}, options = {} }: Run = {}) {
  const machineId = randomUUID().replaceAll('-', '')
  const probes: MachineProbes = {
    ...SYSTEM_PROBES,
    env,
    exists: () => false,
    readText: async () => machineId,
    readMachineId: async () => machineId,
  }
  const clocked = { server, clock: new ManualClock(NOW) }
  return composeClocked(clocked, { dataDir: await temporaryDir(), ...options }, { probes })
}

const told = () => warnings.mock.calls.map(([message]) => String(message))

it('says it before the slot is taken, and takes it all the same', async () => {
  const server = await startLicenseServer()
  let askedFirst = false
  warnings.mockImplementationOnce(() => {
    askedFirst = server.requests.length > 0
  })
  const kit = await run(server, { env: GITHUB })
  expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  expect(told()).toEqual([expect.stringMatching(/^GITHUB_ACTIONS is set.*floating license.*hostId and a proofSecret/)])
  expect(askedFirst).toBe(false)
  // The slot is this run's by now.
  await kit.activate(LICENSE_KEY)
  expect(told()).toHaveLength(1)
})

it.each<[string, Run]>([
  ['outside of CI', {}],
  ['of an app that names its host', { env: GITHUB, options: { hostId: 'ci' } }],
  ['of an app with a proof secret', { env: GITHUB, options: { proofSecret: 'sixteen-characters' } }],
])('says nothing %s', async (_, changes) => {
  const kit = await run(await startLicenseServer(), changes)
  expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  expect(told()).toEqual([])
})

it('says nothing of a floating license', async () => {
  const kit = await run(await startLicenseServer(), { env: GITHUB })
  await (await kit.floating.checkout(LICENSE_KEY, { checkinOnExit: false })).checkin()
  expect(told()).toEqual([])
})

it('a careless pipeline activates at every run, and is out of slots; one that checks out is not', async () => {
  const server = await startLicenseServer()
  server.limit = 2
  const careless: string[] = []
  const careful: string[] = []
  for (let turn = 0; turn < 4; turn++) {
    const kit = await run(server, { env: GITHUB })
    careless.push(
      await (turn < 2 ? kit.activate(LICENSE_KEY).then(({ status }) => status) : codeOf(kit.activate(LICENSE_KEY))),
    )
    const seat = await (await run(server, { env: GITHUB })).floating.checkout(LICENSE_KEY, { checkinOnExit: false })
    careful.push((await seat.checkin()).outcome)
  }
  expect(careless).toEqual(['valid', 'valid', 'ACTIVATION_LIMIT_REACHED', 'ACTIVATION_LIMIT_REACHED'])
  expect(careful).toEqual(['freed', 'freed', 'freed', 'freed'])
})

it.each<[string | undefined, Record<string, string>]>([
  ['GITHUB_ACTIONS', GITHUB],
  ['JENKINS_URL', { JENKINS_URL: 'http://jenkins.example' }],
  ['TF_BUILD', { TF_BUILD: 'True' }],
  ['TEAMCITY_VERSION', { TEAMCITY_VERSION: '2026.1' }],
  ['CI', { CI: '1' }],
  [undefined, { CI: 'false' }],
  [undefined, { CI: '0', GITLAB_CI: '' }],
  [undefined, { HOME: '/root' }],
])('finds %s', (expected, env) => {
  expect(findCiVariable(env)).toBe(expected)
})
