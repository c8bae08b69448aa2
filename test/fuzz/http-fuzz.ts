import { parseJson } from '../../src/protocol/json'
import { EXAMPLE } from '../../src/protocol/schemas/api/example-values'
import { bodyValidator, fetchDocument, type OpenApi } from '../server/http/documented'
import { type Fixture, type Mount, send } from '../server/http/harness'
import { makeSubject, type Subject } from '../server/http/subject'
import { createDice } from '../storage/verbs/differential/dice'
import { type Case, drawCase } from './draw-case'
import { requestDrawer, type Surroundings } from './draw-request'
import { type Exchange, exchange } from './exchange'
import type { RawAnswer } from './http-answers'

/** Something that is not as it should be. */
interface Find {
  readonly seed: number
  readonly kind: string
  readonly why: string
  /** What was sent. */
  readonly sent: string
}

/** What a run of the fuzzer comes to. */
export interface Fuzzed {
  readonly requests: number
  /** How many answers there were of each status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly finds: readonly Find[]
}

const AT_ONCE = 16
/** Requests use up what they are about. */
const RENEWED_AFTER = 300
const HONEST_AFTER = 25
/** What Node answers of its own: a head that it cannot read, an expectation, a head or a wait too long. */
const OF_NODE = [400, 408, 413, 417, 431]
/** What the host app answers to paths of nobody. */
const OF_HOST = [404]

/** Sends so many requests, drawn from a seed, to a service, and looks at every answer. */
export async function fuzzHttp(
  fixture: Fixture,
  { path, name }: Mount,
  requests: number,
  seed: number,
): Promise<Fuzzed> {
  const document = await fetchDocument(fixture)
  // A parser of the host's reads bodies of requests that need none.
  const judge = createJudge(document, name.includes('parser') ? [400, 413, 415, 422] : [])
  let surroundings = toSurroundings(fixture, path, await makeSubject(fixture))
  const draw = requestDrawer(document, () => surroundings)
  const { port } = new URL(fixture.origin)
  const statuses: Record<string, number> = {}
  const finds: Find[] = []
  let sent = 0
  let cases = 0

  async function one(number: number): Promise<void> {
    // Seeds side by side begin alike.
    const own = (seed + Math.imul(number, 2_654_435_761)) >>> 0
    const dice = createDice(own)
    const drawn = drawCase(() => draw(dice), dice)
    sent += drawn.requests?.length ?? 1
    const came = await exchange(Number(port), drawn)
    for (const { status } of came.answers) statuses[status] = (statuses[status] ?? 0) + 1
    for (const why of judge(drawn, came)) {
      finds.push({ seed: own, kind: drawn.kind, why, sent: drawn.bytes.toString('latin1').slice(0, 1000) })
    }
    if (number % HONEST_AFTER === 0) finds.push(...(await askHonestly(fixture, own)))
  }

  async function keepSending(): Promise<void> {
    while (sent < requests) {
      const number = cases++
      await one(number)
      if (number % RENEWED_AFTER === 0) surroundings = toSurroundings(fixture, path, await makeSubject(fixture))
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, keepSending))
  for (const failure of fixture.logged.splice(0)) finds.push({ seed, kind: 'log', why: describe(failure), sent: '' })
  return { requests: sent, statuses, finds }
}

function toSurroundings(fixture: Fixture, path: string, subject: Subject): Surroundings {
  const values = new Map<unknown, unknown>([
    [EXAMPLE.productId, subject.productId],
    [EXAMPLE.packageId, subject.packageId],
    [EXAMPLE.customerId, subject.customerId],
    [EXAMPLE.licenseKey, subject.usedKey],
    [EXAMPLE.authtoolKey, subject.licenseKey],
    [EXAMPLE.device, subject.device],
    [EXAMPLE.sessionId, subject.session.id],
    [EXAMPLE.nonce, subject.session.nonce],
  ])
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value !== 'object' || value === null) return values.get(value) ?? value
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, fill(child)]))
  }
  return { path, tokens: [fixture.secret, fixture.publishable, 'at_garbage', ''], fill }
}

/** Says what is wrong with what came. */
function createJudge(document: OpenApi, ofHost: readonly number[]) {
  const check = bodyValidator(document)

  function* judgeAnswer(drawn: Case, { status, headers, body }: RawAnswer, index: number): Generator<string> {
    if (status >= 500) yield `${status}: ${body.toString().slice(0, 200)}`
    const placed = drawn.requests?.[index]?.placed
    if (placed === undefined || headers['content-type'] === undefined) {
      if (![...OF_NODE, ...OF_HOST, 200, 201, 204, 304, 401, 403, 404, 409, 415, 422, 429].includes(status))
        yield `${status}`
      return
    }
    const { content } = placed.operation.responses[status] ?? {}
    if (content === undefined && ![304, ...ofHost].includes(status))
      yield `${placed.operation.operationId} documents no ${status}`
    if (content?.['application/json'] === undefined || headers['content-encoding'] !== undefined) return
    const at = ['paths', placed.path, placed.method, 'responses', `${status}`, 'content', 'application/json', 'schema']
    // A body that is none is a find like any other, and no end of the run.
    const json = headers['content-type'].startsWith('application/json') ? parseJson(body.toString()) : undefined
    const wrong = json === undefined ? 'no JSON' : check(at, json)
    if (wrong !== '') yield `${placed.operation.operationId} ${status}: ${wrong}: ${body.toString().slice(0, 300)}`
  }

  return (drawn: Case, { answers, fault, isStuck }: Exchange): readonly string[] => {
    const wrong = [...(fault === undefined ? [] : [fault]), ...(isStuck ? ['no answer, or no end'] : [])]
    const isAnswered = drawn.requests === undefined || drawn.hangsUp || answers.length > 0
    if (!isAnswered) wrong.push('no answer')
    return [...wrong, ...answers.flatMap((answer, index) => [...judgeAnswer(drawn, answer, index)])]
  }
}

/** Whoever asks meanwhile is answered. */
async function askHonestly(fixture: Fixture, seed: number): Promise<readonly Find[]> {
  const { key } = await fixture.licensing.licenses.create({ productId: fixture.productId })
  const body = { productId: fixture.productId, licenseKey: key, hostId: 'an honest host' }
  const answer = await send(fixture.url, 'POST', '/key/activate', { token: fixture.publishable, body })
  await fixture.licensing.licenses.delete(key)
  if (answer.status === 200) return []
  return [{ seed, kind: 'honest', why: `${answer.status}: ${JSON.stringify(answer.body)}`, sent: JSON.stringify(body) }]
}

function describe(failure: unknown): string {
  return Array.isArray(failure) ? failure.map(String).join(' ') : String(failure)
}
