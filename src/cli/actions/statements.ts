import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MAX_LIST_LENGTH, verifyRevocationList } from '../../client/trust/revocation-list'
import { createTrustStore } from '../../client/trust/trust-store'
import { assertServerUrl } from '../../client/words/server-url'
import { DEFAULT_ISSUER } from '../../protocol/license-token'
import { MAX_STATEMENTS_LENGTH } from '../../protocol/server-statement'
import { type Keyring, trustedKeys } from '../../server/signing/keyring'
import { signBridge, signMoved } from '../../server/signing/server-statement'
import { CommandFailure, UsageError } from '../failure'
import { print, printJson } from '../output'
import { writePublicFile } from '../private-file'
import { cell } from '../table'
import { type KeysOptions, loadExistingKeyring } from './keys'

interface StatementOptions extends KeysOptions {
  readonly issuer?: string
  /** A file. Default: standard output. */
  readonly out?: string
}

export interface BridgeOptions extends StatementOptions {
  readonly days: number
  /** Or now. */
  readonly lostAt: Date | 'now'
  readonly pastEnd?: true
  readonly product?: string
  /** Files. */
  readonly revocationList?: readonly string[]
}

export interface MovedOptions extends StatementOptions {
  readonly to: string
  readonly from?: string
  readonly product?: readonly string[]
}

const DAY_MS = 86_400_000

/** Makes a bridge from the keyring alone, and says what it does. */
export async function makeBridge(options: BridgeOptions): Promise<void> {
  const { days, pastEnd = false, product = null, issuer = DEFAULT_ISSUER } = options
  const now = new Date()
  const lostAt = options.lostAt === 'now' ? now : options.lostAt
  const until = new Date(lostAt.getTime() + days * DAY_MS)
  if (lostAt > now) throw new UsageError('--lost-at lies in the future')
  if (until <= now) throw new UsageError(`the bridge would have ended on ${until.toISOString()} already`)
  const keyring = await loadExistingKeyring(options)
  const revocations = await readLists(options.revocationList ?? [], keyring, issuer)
  const text = await signBridge({ keyring, issuer, now }, { product, lostAt, until, pastEnd, revocations })
  if (text.length > MAX_STATEMENTS_LENGTH) throw new CommandFailure('the revocation lists are too long for one bridge')
  const facts = { product, lostAt, until, pastEnd, revocationLists: revocations.length }
  await handOut(text, options, facts, bridgeSentences(facts))
}

/** Makes the statement that the server has moved, and says what it does. */
export async function makeMoved(options: MovedOptions): Promise<void> {
  const { issuer = DEFAULT_ISSUER, product: products } = options
  const serverUrl = addressOf('--to', options.to, false)
  const from = options.from === undefined ? undefined : addressOf('--from', options.from, true)
  if (from === serverUrl) throw new UsageError('--from and --to are the same address')
  const keyring = await loadExistingKeyring(options)
  const text = await signMoved({ keyring, issuer, now: new Date() }, { serverUrl, from, products })
  await handOut(text, options, { serverUrl, from: from ?? null, products: products ?? null }, [
    `Apps ${from === undefined ? '' : `made for ${cell(from)} `}that take this statement ask ${cell(serverUrl)} from then on.`,
    'Until that server has answered them, they ask their own address too where it does not answer.',
    'The server there needs this keyring and the store, or a copy of both.',
    'An app whose release names another serverUrl than before goes by its release.',
  ])
}

function bridgeSentences({ product, lostAt, until, pastEnd }: Omit<Parameters<typeof signBridge>[1], 'revocations'>) {
  return [
    `License tokens ${product === null ? 'of all products' : `of ${cell(product)}`} that were good on ${cell(lostAt)}, grace included, go on until ${cell(until)}.`,
    pastEnd
      ? 'A license that ends meanwhile goes on too; a trial does not.'
      : 'No license goes on past its own end (--past-end changes that).',
    'A server that answers an app again ends the bridge for that app.',
  ]
}

/** With `--out` the text goes to a file; else to standard output, so that it can be redirected. */
async function handOut(
  text: string,
  { out, json }: StatementOptions,
  facts: object,
  sentences: readonly string[],
): Promise<void> {
  if (out !== undefined) await writePublicFile(out, `${text}\n`)
  if (json) return printJson({ ...(out === undefined ? { statement: text } : { file: resolve(out) }), ...facts })
  const lines = [...sentences, ...HAND_OUT].join('\n')
  if (out !== undefined) return print(`Written to ${cell(resolve(out))}.\n\n${lines}`)
  print(text)
  process.stderr.write(`${lines}\n`)
}

const HAND_OUT = [
  '',
  'Hand it out in one of two ways:',
  '  - put the text at the statementsUrl that your app names: kits ask there when the server is lost',
  '  - send it to customers, and let your app read it with kit.importStatement()',
  'The text is public. Of several statements of a move the newest one counts, and of several bridges the newest one of',
  'each date of loss. One file may hold them all.',
]

async function readLists(files: readonly string[], keyring: Keyring, issuer: string): Promise<readonly string[]> {
  const trustStore = createTrustStore(trustedKeys(keyring).map(({ publicJwk }) => publicJwk))
  const lists: string[] = []
  for (const file of files) {
    const text = (await readText(file)).trim()
    await verifyRevocationList(text, trustStore, issuer).catch(() => {
      throw new CommandFailure(`${file} is no revocation list that a key of this keyring has signed`)
    })
    lists.push(text)
  }
  return lists
}

async function readText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new CommandFailure(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`)
  })
  if (text.length > MAX_LIST_LENGTH) throw new CommandFailure(`${file} is no revocation list: it is too large`)
  return text
}

/** The rules of the kit's option `serverUrl`. */
function addressOf(option: string, url: string, allowPlainHttp: boolean): string {
  try {
    return assertServerUrl(url, allowPlainHttp)
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
