import { LICENSE_ERROR_CODES, ROUTES, type RouteName } from '../../src/protocol'
import { definitionOf, type Told } from '../../src/protocol/errors'

const INTRODUCTION = `# Errors

Every error is a \`LicenseError\` with a \`code\`: switch on that, never on a message. The server's refusals name it in the header
\`Keyslot-Error\`, whatever their body looks like in its wire family. A refusal without that header comes from somebody else: a
proxy, a captive portal, another service.

Written from the table that the server answers by: \`npm run write:error-page\`.
`

const FAMILIES: Readonly<Record<string, string>> = {
  all: 'every family',
  keymint: 'KeyMint and keyslot',
  'keymint-v1': "KeyMint's first version",
  authtool: 'AuthTool',
  'authtool-client': "AuthTool's client API",
}

/** The page of the documents that has every code. */
export function errorPage(): string {
  const sections = LICENSE_ERROR_CODES.map((code) => {
    const { what, why, whatToDo, told = {} } = definitionOf(code)
    const answers = Object.entries(told).map(([place, one]) => `- ${placeOf(place)}: ${answerOf(one)}`)
    return [`## ${code}`, [what, why, whatToDo].join(' '), ...(answers.length > 0 ? [answers.join('\n')] : [])].join(
      '\n\n',
    )
  })
  return `${[INTRODUCTION.trimEnd(), ...sections].join('\n\n')}\n`
}

function placeOf(place: string): string {
  const route = ROUTES[place as RouteName]
  return FAMILIES[place] ?? `\`${route.method} ${route.path}\``
}

function answerOf(told: Told): string {
  if (typeof told === 'string') return `as \`${told}\``
  const [status, code, message] = told
  return message === undefined ? `${status}, code ${code}` : `${status}, code ${code}, \`${message}\``
}
