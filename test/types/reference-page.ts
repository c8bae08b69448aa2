import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A page of the documents that is written from the doc comments of the code. */
interface Reference {
  readonly file: string
  readonly title: string
  readonly introduction: string
  readonly entry: string
  /** What it is about, in this order; the types that they speak of follow. */
  readonly roots: readonly string[]
}

const WRITTEN = 'Written from the comments of the code: `npm run write:reference`.'

export const REFERENCES: readonly Reference[] = [
  {
    file: 'docs/server-api.md',
    title: 'The server half, in your process',
    introduction: `\`createLicensing(options)\` of \`keyslot/server\` gives all of this. ${WRITTEN}`,
    entry: 'src/server/index.ts',
    roots: ['LicensingOptions', 'Licensing'],
  },
  {
    file: 'docs/client-api.md',
    title: 'The client kit',
    introduction: `\`createLicenseKit(options)\` of \`keyslot/client\` gives all of this. ${WRITTEN}`,
    entry: 'src/client/index.ts',
    roots: ['LicenseKitOptions', 'LicenseKit'],
  },
]

/** What has a page of its own: storage adapters, and events. */
const ELSEWHERE = ['Storage', 'EventData', 'Keyring', 'RateLimitStore', 'Router', 'ErrorHandler']

type Declared = ts.InterfaceDeclaration | ts.TypeAliasDeclaration

/** The text of a page. */
export function referencePage({ title, introduction, entry, roots }: Reference): string {
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile).config
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT)
  const program = ts.createProgram([`${ROOT}${entry}`], { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(`${ROOT}${entry}`)
  const exported = source && checker.getSymbolAtLocation(source)
  const symbols = exported === undefined ? [] : checker.getExportsOfModule(exported)
  const waiting = roots.flatMap((root) => symbols.find(({ name }) => name === root) ?? [])
  const seen = new Set<ts.Symbol>()
  const sections: string[] = []
  for (let symbol = waiting.shift(); symbol !== undefined; symbol = waiting.shift()) {
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declared = real.declarations?.find((one): one is Declared => isOurs(one))
    if (declared === undefined || seen.has(real) || ELSEWHERE.includes(real.name)) continue
    seen.add(real)
    sections.push(sectionOf(declared))
    waiting.push(...spokenOf(declared, checker))
  }
  return `${[`# ${title}`, introduction, ...sections].join('\n\n')}\n`
}

function isOurs(node: ts.Node): node is Declared {
  return (
    (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
    node.getSourceFile().fileName.startsWith(`${ROOT}src/`)
  )
}

/** The types that a declaration names, in the order in which it does. */
function spokenOf(declared: ts.Node, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const found: ts.Symbol[] = []
  const visit = (node: ts.Node): void => {
    const isName = ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)
    const name = isName ? (ts.isTypeReferenceNode(node) ? node.typeName : node.expression) : undefined
    const symbol = name && checker.getSymbolAtLocation(name)
    if (symbol !== undefined) found.push(symbol)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(declared, visit)
  return found
}

function sectionOf(declared: Declared): string {
  const head = [`## ${declared.name.text}`, ...noteOf(declared)]
  if (ts.isTypeAliasDeclaration(declared)) {
    const literal = ts.isTypeLiteralNode(declared.type) ? declared.type.members : undefined
    return [...head, ...(literal === undefined ? [codeOf(declared)] : membersOf(literal))].join('\n\n')
  }
  const extended = (declared.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText()))
  const also = extended.length > 0 ? [`With all of \`${extended.join('`, `')}\`.`] : []
  return [...head, ...also, ...membersOf(declared.members)].join('\n\n')
}

function membersOf(members: ts.NodeArray<ts.TypeElement>): readonly string[] {
  return members.flatMap((member) => {
    const text = member.getText().replace(/readonly /g, '')
    const isMethod = ts.isMethodSignature(member)
    const shown = `\`\`\`typescript\n${unindented(text)}\n\`\`\``
    return [isMethod || text.includes('\n') ? shown : `\`${text}\``, ...noteOf(member)]
  })
}

function codeOf(declared: ts.TypeAliasDeclaration): string {
  return `\`\`\`typescript\n${declared.getText().replace(/^export /, '')}\n\`\`\``
}

function unindented(text: string): string {
  return text.replace(/^ {2}/gm, '')
}

/** The comment before it, with its tags. */
function noteOf(node: ts.Node): readonly string[] {
  const notes = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return notes.flatMap(({ comment, tags = [] }) => {
    const text = plain(comment)
    const told = tags.map((tag) => `- ${labelOf(tag)}${plain(tag.comment)}`)
    return [...(text === '' ? [] : [text]), ...(told.length > 0 ? [told.join('\n')] : [])]
  })
}

function labelOf(tag: ts.JSDocTag): string {
  const name = tag.tagName.text
  if (ts.isJSDocParameterTag(tag)) return `\`${tag.name.getText()}\`: `
  if (ts.isJSDocThrowsTag(tag)) return `throws ${tag.typeExpression?.type.getText() ?? ''} `
  return name === 'returns' ? 'gives ' : `${name}: `
}

function plain(comment: ts.JSDoc['comment']): string {
  return (ts.getTextOfJSDocComment(comment) ?? '').replace(/\{@link ([^}]+)\}/g, '`$1`').trim()
}
