import { type Diagnosis, diagnose } from '../../client/index'
import { CommandFailure, UsageError } from '../failure'
import { paint, print, printJson } from '../output'
import { cell, formatFields } from '../table'

export interface DoctorOptions {
  readonly appName: string
  readonly server?: string
  readonly product?: string
  readonly dataDir?: string
  readonly hostId?: string
  readonly proxy?: string | false
  readonly timeoutMs: number
  readonly json?: true
}

/** Prints the diagnosis, and fails where something keeps the app from working. */
export async function doctor(options: DoctorOptions, version: string): Promise<void> {
  const diagnosis = await examine(options)
  if (options.json) printJson({ keyslot: version, ...diagnosis })
  else print(format(diagnosis, version))
  const [problem] = diagnosis.problems
  if (problem !== undefined) throw new CommandFailure(problem)
}

async function examine({ json: _, server, product, ...same }: DoctorOptions): Promise<Diagnosis> {
  try {
    return await diagnose({ ...same, serverUrl: server, productId: product })
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

type Field = readonly [name: string, value: string]

interface Section {
  readonly title: string
  readonly fields: readonly Field[]
}

/** The sections under their headings, with all values in one column. */
function format(diagnosis: Diagnosis, version: string): string {
  const sections = [hostSection(diagnosis), folderSection(diagnosis), licenseSection(diagnosis)]
  const all = [...sections, serverSection(diagnosis), versionSection(diagnosis, version)]
  const lines = formatFields(all.flatMap(({ fields }) => fields)).split('\n')
  const blocks = all.map(({ title, fields }) => [paint('bold', title), ...lines.splice(0, fields.length)].join('\n'))
  return [...blocks, ...listOf('Notes', diagnosis.notes, 'yellow'), ...verdictOf(diagnosis)].join('\n\n')
}

function hostSection({ host }: Diagnosis): Section {
  const fields: Field[] = [
    ['hostId', host.hostId === null ? 'none yet' : cell(host.hostId)],
    ['source', `${host.source}: ${host.because}`],
    ['changes with', host.changesWith],
    ['container', host.container ? 'yes' : 'no'],
  ]
  return { title: 'This computer', fields }
}

const LASTS: Readonly<Record<Diagnosis['folder']['lasts'], string>> = {
  'for-good': 'yes',
  'until-restart': 'until the computer restarts',
  'as-long-as-container': 'as long as the container',
  unknown: 'not known',
}

function folderSection({ folder }: Diagnosis): Section {
  const fields: Field[] = [
    ['path', folder.path === null ? 'none: this user has no data folder' : cell(folder.path)],
    ['exists', folder.exists ? 'yes' : 'not yet'],
    ['can be written', folder.writable ? 'yes' : `no (${cell(folder.systemCode)})`],
    ['persists', LASTS[folder.lasts]],
    ['queued', `${folder.pendingDeactivations} deactivations made offline`],
  ]
  return { title: 'Data folder', fields }
}

const VERIFIED: Readonly<Record<Diagnosis['license']['verifiedWith'], string>> = {
  'trusted-keys': 'genuine, by the keys the app trusts',
  'server-keys': 'genuine, by the keys the server publishes',
  none: 'not verified',
}

function licenseSection({ license }: Diagnosis): Section {
  const fields: Field[] = [['status', `${license.status} (${license.reason})`]]
  if (license.maskedKey !== null) {
    fields.push(
      ['license key', cell(license.maskedKey)],
      ['product', cell(license.productId)],
      ['customer', cell(license.customerName)],
      ['expires', license.expiresAt === null && license.tokenExpiresAt !== null ? 'never' : cell(license.expiresAt)],
      ['offline until', cell(license.tokenExpiresAt)],
      ['grace until', cell(license.graceEndsAt)],
      ['refresh', `${license.refreshDue ? 'due' : 'not due'}, from ${cell(license.refreshAfter)} on`],
      ['time proven', cell(license.highestTimeSeen)],
      ['signature', VERIFIED[license.verifiedWith]],
      ['signed with', cell(license.signedWith)],
    )
  }
  const { lastContact } = license
  if (lastContact !== null) fields.push(['last contact', `${lastContact.code}, ${cell(lastContact.at)}`])
  return { title: 'License', fields }
}

const NAMED_BY: Readonly<Record<NonNullable<Diagnosis['server']>['namedBy'], string>> = {
  option: 'as given',
  license: 'as the license has it',
  statement: 'it has moved there, as the vendor states',
}

function serverSection({ server }: Diagnosis): Section {
  const title = 'License server'
  if (server === null) return { title, fields: [['url', 'not known: no license is stored, and no --server given']] }
  const { route, systemCode, httpStatus } = server
  const detail = systemCode ?? (httpStatus === null ? 'no answer' : `HTTP ${httpStatus}`)
  const fields: Field[] = [
    ['url', `${cell(server.url)} (${NAMED_BY[server.namedBy]})`],
    ['answers', `${server.health} (${detail}, ${server.milliseconds} ms)`],
    ['proxy', `${route.proxy === null ? 'none' : cell(route.proxy)}: ${cell(route.because)}`],
    ['clock', clockOf(server.clockAheadSeconds)],
    ['signing keys', server.publishedKeys === null ? 'not told' : cell(server.publishedKeys)],
  ]
  return { title, fields }
}

function clockOf(aheadSeconds: number | null): string {
  if (aheadSeconds === null) return 'not told'
  if (Math.abs(aheadSeconds) <= 1) return 'the same as here'
  return `${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} this computer's`
}

function versionSection({ runtime, examinedAt }: Diagnosis, version: string): Section {
  const fields: Field[] = [
    ['keyslot', version],
    ['Node', `${runtime.node} on ${runtime.platform} ${runtime.arch}`],
    ['examined', cell(examinedAt)],
  ]
  return { title: 'Versions', fields }
}

function verdictOf({ healthy, problems }: Diagnosis): readonly string[] {
  return healthy
    ? [paint('green', 'Nothing found that keeps the app from working.')]
    : listOf('Problems', problems, 'red')
}

function listOf(title: string, sentences: readonly string[], style: 'yellow' | 'red'): readonly string[] {
  if (sentences.length === 0) return []
  return [[paint(style, title), ...sentences.map((sentence) => `- ${cell(sentence)}`)].join('\n')]
}
