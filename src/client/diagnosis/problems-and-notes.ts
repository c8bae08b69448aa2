import { CLOCK_TOLERANCE_SECONDS } from '../../protocol'
import { findCiVariable } from '../host/ci-runner'
import { isConfidential } from '../words/server-url'
import type { Diagnosis, FolderFinding, HostFinding, LicenseFinding, ServerFinding } from './diagnosis'

type Findings = Pick<Diagnosis, 'host' | 'folder' | 'license' | 'server'>
type Environment = Readonly<Record<string, string | undefined>>

/** A sentence, unless it does not apply. */
type Sentence = string | false

/** The problems: everything that keeps the app from working. Pure. */
export function findProblems({ host, folder, license, server }: Findings): readonly string[] {
  const working = seemsToWork(license)
  const behind = server?.clockAheadSeconds ?? 0
  return applying([
    host.hostId === null &&
      !folder.writable &&
      'This computer cannot be identified: it has no usable machine id, and the data folder cannot be written.',
    !working && license.reason !== 'NO_LICENSE' && license.message,
    !working && !folder.writable && unwritable(folder),
    !working && isTroubled(server) && server.message,
    behind > CLOCK_TOLERANCE_SECONDS &&
      `The clock of this computer is ${inWords(behind)} behind the license server's. Please correct date and time.`,
  ])
}

/** The notes: facts that do not stop the app, but may explain something odd. Pure. */
export function findNotes({ host, folder, license, server }: Findings, env: Environment): readonly string[] {
  const working = seemsToWork(license)
  return applying([
    ...onLicense(license),
    working && isTroubled(server) && server.message,
    working && !folder.writable && unwritable(folder),
    ...onHost(host, findCiVariable(env)),
    ...onFolder(folder),
    ...(server === null ? [] : onServer(server)),
    ...onEnvironment(env),
  ])
}

function onLicense(license: LicenseFinding): readonly Sentence[] {
  const { reason, status, usable, verifiedWith, message, lastContact } = license
  return [
    usable &&
      lastContact !== null &&
      lastContact.code !== 'OK' &&
      `The license server did not confirm the license when it was asked last (${lastContact.code}).`,
    lastContact?.code === 'ANSWER_ALTERED' &&
      'Something on the way takes headers out or changes answers: a proxy must pass DPoP, Keyslot-Answer and Keyslot-Error.',
    (reason === 'NO_LICENSE' || status === 'grace') && message,
    reason === 'CACHE_SEALED' &&
      "The stored license is sealed with the app's own secret store: only the app can judge it.",
    usable &&
      verifiedWith === 'none' &&
      'The signature of the license was not verified: no key at hand has signed it, neither one given nor one the server publishes.',
  ]
}

function onHost({ container, source, machineIdProblem }: HostFinding, ci: string | undefined): readonly Sentence[] {
  return [
    ci !== undefined &&
      source !== 'option' &&
      `This is a CI runner (${ci}): each run may take another slot. A floating license suits it better; else give a hostId and a proofSecret.`,
    container &&
      'This is a container. A floating license suits it better; else keep the data folder on a volume, or give a hostId and a proofSecret.',
    source === 'machine' &&
      machineIdProblem !== null &&
      "The machine's own id cannot be confirmed; without the data folder this computer would be another host.",
  ]
}

function onFolder({ lasts, pendingDeactivations }: FolderFinding): readonly Sentence[] {
  return [
    lasts === 'until-restart' && 'The data folder is on a file system in memory: a restart of the computer loses it.',
    lasts === 'as-long-as-container' && 'The data folder belongs to the container, and is lost with it.',
    pendingDeactivations > 0 &&
      `The server has yet to be told of ${pendingDeactivations} deactivated license(s); the next refresh does it.`,
  ]
}

function onServer({ url, clockAheadSeconds, publishedKeys }: ServerFinding): readonly Sentence[] {
  const ahead = -(clockAheadSeconds ?? 0)
  return [
    ahead > CLOCK_TOLERANCE_SECONDS &&
      `The clock of this computer is ${inWords(ahead)} ahead of the license server's: licenses seem to run out early.`,
    !isConfidential(url) &&
      'The license server is asked over plain http:, where anyone on the way can read license keys.',
    publishedKeys === 0 && 'The license server publishes no signing keys.',
  ]
}

function onEnvironment({ NODE_TLS_REJECT_UNAUTHORIZED, NODE_EXTRA_CA_CERTS = '' }: Environment): readonly Sentence[] {
  return [
    NODE_TLS_REJECT_UNAUTHORIZED === '0' &&
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches the verification of certificates off, for the whole process.',
    NODE_EXTRA_CA_CERTS !== '' && 'NODE_EXTRA_CA_CERTS adds certificates that this environment trusts.',
  ]
}

/** A license that the app's own secret store has sealed counts as working: only the app can open it. */
function seemsToWork({ usable, reason }: LicenseFinding): boolean {
  return usable || reason === 'CACHE_SEALED'
}

function isTroubled(server: ServerFinding | null): server is ServerFinding {
  return server !== null && server.health !== 'ok'
}

function unwritable({ path, systemCode }: FolderFinding): string {
  return path === null
    ? 'This user has no data folder: an activation is forgotten at the next start. The app can name a dataDir.'
    : `The data folder cannot be written (${systemCode}): an activation is forgotten at the next start.`
}

function applying(sentences: readonly Sentence[]): readonly string[] {
  return sentences.filter((sentence) => sentence !== false)
}

function inWords(seconds: number): string {
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} minutes`
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`
}
