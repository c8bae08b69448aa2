import { isRecord, parseJson } from '../protocol/json'
import type { ProductsApi } from '../server/index'
import { UsageError } from './failure'
import { openInput } from './transfer/input'

type AuthtoolClientInput = NonNullable<Parameters<ProductsApi['update']>[1]['authtoolClient']>

/**
 * What a file, or standard input (`-`), says of AuthTool's client API: token and AES key have no place on a command line, which
 * others can see. What it must hold is the service's to say.
 *
 * @throws {UsageError} when it is no JSON object; the message never quotes it
 * @throws {CommandFailure} when it cannot be read
 */
export async function readAuthtoolClient(named: string): Promise<AuthtoolClientInput> {
  const input = await openInput(named)
  const chunks: Buffer[] = []
  for await (const chunk of input.read(0)) chunks.push(chunk)
  const value = parseJson(Buffer.concat(chunks).toString('utf8'))
  if (isRecord(value)) return value
  throw new UsageError(`${input.name} must be a JSON object, such as {"token": …, "aesKey": …}`)
}
