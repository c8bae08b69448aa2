import { isContainer } from '../host/container'
import { findHostId, type HostIdFinding, type HostIdSources } from '../host/host-id'
import type { HostFinding } from './diagnosis'

/** Says which id `hostId()` would choose and why. Nothing is written. */
export async function examineHost(sources: HostIdSources, activatedFor: string | undefined): Promise<HostFinding> {
  const hostId = sources.hostId ?? hostIdOfApp(activatedFor)
  const found = await findHostId({ ...sources, hostId }).catch(() => undefined)
  if (found === undefined) return await unreadable(sources)
  const { identity, container, machineIdProblem } = found
  const source = identity?.source ?? 'installation'
  return {
    hostId: identity?.hostId ?? null,
    source,
    because: source === 'option' ? reasonForOption(sources.hostId !== undefined) : reasonFor(found),
    changesWith: CHANGES[source],
    container,
    machineIdProblem,
  }
}

async function unreadable({ probes }: HostIdSources): Promise<HostFinding> {
  const because = 'the installation id in the data folder cannot be read at present'
  const container = await isContainer(probes)
  return {
    hostId: null,
    source: 'installation',
    because,
    changesWith: CHANGES.installation,
    container,
    machineIdProblem: null,
  }
}

/** The hostId of the stored license, when the kit did not derive it. The app gave it, and will give it again. */
function hostIdOfApp(activatedFor: string | undefined): string | undefined {
  return activatedFor === undefined || activatedFor.startsWith('h1.') ? undefined : activatedFor
}

function reasonForOption(given: boolean): string {
  return given ? 'it was given' : 'the stored license is for a hostId that the app itself gives'
}

function reasonFor({ identity, container, machineIdProblem }: HostIdFinding): string {
  if (identity?.source === 'machine') {
    if (machineIdProblem === null) return "the machine's own id can be read"
    return `it was derived from the machine's own id earlier, which ${PROBLEMS[machineIdProblem]} today`
  }
  const why = machineIdProblem === null ? 'cannot be used' : PROBLEMS[machineIdProblem]
  if (identity !== undefined) return `the machine's own id ${why}; an installation id is kept in the data folder`
  if (container) return 'a container has no machine id of its own; an installation id will be made at the first start'
  return `the machine's own id ${why}; an installation id will be made at the first start`
}

const PROBLEMS: Readonly<Record<NonNullable<HostFinding['machineIdProblem']>, string>> = {
  missing: 'is missing',
  'too-short': 'is too short to be one',
  placeholder: 'is a placeholder that many machines share',
  hostname: "is only the machine's name",
  failed: 'cannot be read',
  'timed-out': 'took too long to read',
  container: 'is its container image’s',
}

const CHANGES: Readonly<Record<HostFinding['source'], string>> = {
  option: 'another hostId given by the app',
  machine: 'a new installation of the operating system; copying or deleting the data folder does not',
  installation: 'losing the data folder; whoever copies it is this host, too',
}
