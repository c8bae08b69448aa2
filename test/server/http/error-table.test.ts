import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { LICENSE_ERROR_CODES, LicenseError, type LicenseErrorCode, ROUTES, type RouteName } from '../../../src/protocol'
import { definitionOf } from '../../../src/protocol/errors'
import { type Endpoint, toErrorAnswer } from '../../../src/server/http/endpoint'
import { AUTHENTICATED_ENDPOINTS } from '../../../src/server/http/endpoints'

/** Status, wire code (none in AuthTool's family), and the message where it is not the error's own. */
type Told = readonly unknown[]

/** What clients in the field have heard so far. Where a code is not named, it is 500. */
interface Heard {
  readonly families: Readonly<Record<string, Readonly<Record<string, Told>>>>
  readonly routes: Readonly<Record<string, Readonly<Record<string, Told>>>>
}

const heard: Heard = JSON.parse(await readFile(new URL('error-table.json', import.meta.url), 'utf8'))
const NAMES = Object.keys(ROUTES) as RouteName[]
const OWN = 'What this very error says'

function answerOf(name: RouteName, code: LicenseErrorCode) {
  const endpoints: readonly Pick<Endpoint<never>, 'route' | 'render'>[] = AUTHENTICATED_ENDPOINTS
  const endpoint = endpoints.find(({ route }) => route === ROUTES[name]) ?? { route: ROUTES[name] }
  return toErrorAnswer(endpoint, new LicenseError(code, OWN, { detail: { nonce: 'n' } }), () => undefined)
}

/** The answer, as it is written down in the table. */
function told({ status = 200, body, headers = {} }: ReturnType<typeof answerOf>): Told {
  const { message, code, ...more } = body as { message?: string; code?: number; details?: string }
  const { 'Keyslot-Error': _, 'Retry-After': __, ...others } = headers as Record<string, string>
  return [
    status,
    ...(code === undefined ? [] : [code]),
    message === OWN ? null : message,
    ...(Object.keys(others).length > 0 ? [others] : []),
    ...(Object.keys(more).length > 0 ? [{ message, ...more }] : []),
  ]
}

describe('the error table', () => {
  it.each(NAMES)('answers every code on %s as clients have always heard it', (name) => {
    const { family } = ROUTES[name]
    const unexpected = family.startsWith('authtool') ? [500, 'Server error'] : [500, 1, 'Server error']
    const answers = LICENSE_ERROR_CODES.map((code) => [code, told(answerOf(name, code))])
    const expected = LICENSE_ERROR_CODES.map((code) => {
      const known = heard.routes[name]?.[code] ?? heard.families[family]?.[code] ?? unexpected
      return [code, JSON.parse(JSON.stringify(known).replaceAll(`own ${code}`, OWN))]
    })
    expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(expected))
  })

  it.each(NAMES)('names the code in a header on %s, or one that says less', (name) => {
    for (const code of LICENSE_ERROR_CODES) {
      const { status, headers = {} } = answerOf(name, code)
      const header = headers['Keyslot-Error']
      if (status === 500) expect(header).toBe('SERVER_ERROR')
      // That another account has the key is nothing that KeyMint's callers learn.
      else if (!ROUTES[name].family.startsWith('authtool') && ['LICENSE_FOREIGN', 'PRODUCT_NOT_FOUND'].includes(code))
        expect(header).toBe('LICENSE_NOT_FOUND')
      else expect(header).toBe(code)
    }
  })

  it('says of each code what has happened, what it comes from and what to do', () => {
    for (const code of LICENSE_ERROR_CODES) {
      const { what, why, whatToDo } = definitionOf(code)
      for (const sentence of [what, why, whatToDo]) expect(sentence, code).toMatch(/^\S.*\.$|^\S.*with that\.$/)
    }
  })
})
