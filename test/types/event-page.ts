import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const FILE = fileURLToPath(new URL('../../src/domain/event-data.ts', import.meta.url))

const INTRODUCTION = `# Events

Every change leaves an event in the same step as the change itself: in the audit log (\`licensing.events.list()\`, \`npx keyslot events
list\`), to listeners of the process that made it (\`licensing.on(type, listener)\`), and to [webhooks](../README.md#what-happened). An
event never holds a token, a secret or a whole license key. In TypeScript its \`type\` tells what its \`data\` holds (\`LicensingEvent\`).

| field | |
| --- | --- |
| \`id\` | of the event: the same in every delivery of it |
| \`type\` | one of those below |
| \`at\` | when |
| \`actor\` | \`id\`: the access token; \`api\` for a call in your process; \`housekeeping\` and \`webhooks\` for what nobody asked for. \`address\`: from where |
| \`licenseId\` | the license it is about, if any |
| \`data\` | as below |

A webhook's body is \`{ id, type, createdAt, accountId, licenseId, data }\`: without who caused it, and with instants as ISO 8601. More types may come: ignore those you do not know.

Written from the types of the code: \`npm run write:event-page\`.
`

/** The page of the documents that has every event. */
export function eventPage(): string {
  const source = ts.createSourceFile(FILE, readFileSync(FILE, 'utf8'), ts.ScriptTarget.Latest, true)
  const named = new Map(source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]))
  const events = named.get('EventData')?.members.filter(ts.isPropertySignature) ?? []
  const sections = events.map((event) => {
    const fields = event.type === undefined ? [] : fieldsOf(event.type, named)
    const table = ['| data | type | |', '| --- | --- | --- |', ...fields.map(rowOf)]
    return [
      `## ${event.name.getText().replaceAll("'", '')}`,
      noteOf(event),
      ...(fields.length > 0 ? [table.join('\n')] : []),
    ].join('\n\n')
  })
  return `${[INTRODUCTION.trimEnd(), ...sections].join('\n\n')}\n`
}

function fieldsOf(
  type: ts.TypeNode,
  named: ReadonlyMap<string, ts.InterfaceDeclaration>,
): readonly ts.PropertySignature[] {
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap((one) => fieldsOf(one, named))
  if (ts.isTypeLiteralNode(type)) return type.members.filter(ts.isPropertySignature)
  const members = ts.isTypeReferenceNode(type) ? named.get(type.typeName.getText())?.members : undefined
  return members?.filter(ts.isPropertySignature) ?? []
}

function rowOf(field: ts.PropertySignature): string {
  const name = `\`${field.name.getText()}${field.questionToken === undefined ? '' : '?'}\``
  const type =
    field.type
      ?.getText()
      .replace(/readonly /g, '')
      .replaceAll('|', '\\|') ?? ''
  return `| ${name} | \`${type}\` | ${noteOf(field)} |`
}

/** The comment before it, on one line. */
function noteOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
}
