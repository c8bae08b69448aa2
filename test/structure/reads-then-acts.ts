import { posix } from 'node:path'
import ts from 'typescript'

/** Source texts by path, without extension. */
export type Sources = Readonly<Record<string, string>>

/** A function that reads the store, and changes it in a later step. */
export interface ReadThenAct {
  /** Its file and its name. */
  readonly where: string
  readonly reads: readonly string[]
  readonly changes: readonly string[]
}

const READING = /^(find|list|count|export|describe)[A-Z]/
const NEITHER = new Set(['open', 'close', 'ping'])

/** Says what a verb of the store does, by its name. */
export function kindOf(verb: string): 'reads' | 'changes' | undefined {
  if (NEITHER.has(verb)) return undefined
  return READING.test(verb) ? 'reads' : 'changes'
}

interface Effects {
  readonly reads: ReadonlySet<string>
  readonly changes: ReadonlySet<string>
}

type Body = ts.FunctionLikeDeclaration & { readonly body: ts.Node }

/** A function: what it is called, and where it stands. */
interface Unit {
  readonly path: string
  readonly name: string
  readonly body: Body
}

const NOTHING: Effects = { reads: new Set(), changes: new Set() }

/**
 * Finds the functions that first read the store and then change it, with what they call. Calls are followed by name, inside
 * the sources; a call of a verb is one of a member of something called `store`. Statements count in the order they stand in.
 */
export function findReadsThenActs(sources: Sources, verbs: ReadonlySet<string>): readonly ReadThenAct[] {
  const files = new Map(
    Object.entries(sources).map(([path, text]) => [
      path,
      ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
    ]),
  )
  const units = [...files].flatMap(([path, file]) => unitsOf(path, file))
  const named = new Map(units.map((unit) => [`${unit.path}#${unit.name}`, unit]))
  const imported = new Map([...files].map(([path, file]) => [path, importsOf(path, file)]))
  const known = new Map<Unit, Effects>()

  function calleeOf(path: string, { expression }: ts.CallExpression): Unit | undefined {
    const isOwn = ts.isPropertyAccessExpression(expression) && expression.expression.kind === ts.SyntaxKind.ThisKeyword
    if (isOwn) return named.get(`${path}#${expression.name.text}`)
    if (!ts.isIdentifier(expression)) return undefined
    return named.get(`${path}#${expression.text}`) ?? named.get(imported.get(path)?.get(expression.text) ?? '')
  }

  function effectsOfCall(path: string, call: ts.CallExpression): Effects {
    const verb = verbOf(call)
    if (verb !== undefined && verbs.has(verb)) {
      const kind = kindOf(verb)
      return kind === undefined ? NOTHING : { ...NOTHING, [kind]: new Set([verb]) }
    }
    const callee = calleeOf(path, call)
    return callee === undefined ? NOTHING : effectsOf(callee)
  }

  /** The effects of each call in a function, in the order they happen. */
  function sequenceOf(unit: Unit): readonly Effects[] {
    return callsIn(unit.body.body).map((call) => effectsOfCall(unit.path, call))
  }

  function effectsOf(unit: Unit): Effects {
    const done = known.get(unit)
    if (done !== undefined) return done
    // A function that calls itself adds nothing to what it does.
    known.set(unit, NOTHING)
    const sequence = sequenceOf(unit)
    const effects = {
      reads: new Set(sequence.flatMap(({ reads }) => [...reads])),
      changes: new Set(sequence.flatMap(({ changes }) => [...changes])),
    }
    known.set(unit, effects)
    return effects
  }

  return units.flatMap((unit) => {
    const sequence = sequenceOf(unit)
    const first = sequence.findIndex(({ reads }) => reads.size > 0)
    const changes = first < 0 ? [] : sequence.slice(first + 1).flatMap((effects) => [...effects.changes])
    if (changes.length === 0) return []
    const reads = [...(sequence[first] ?? NOTHING).reads]
    return [{ where: `${unit.path}#${unit.name}`, reads, changes: [...new Set(changes)] }]
  })
}

/** The verb that a call is of: `store.verb(…)`, `context.store.verb(…)`. */
function verbOf({ expression }: ts.CallExpression): string | undefined {
  if (!ts.isPropertyAccessExpression(expression)) return undefined
  const { expression: owner, name } = expression
  const isStore =
    (ts.isIdentifier(owner) && owner.text === 'store') ||
    (ts.isPropertyAccessExpression(owner) && owner.name.text === 'store')
  return isStore ? name.text : undefined
}

/** The functions of a file: those with a name, and those that stand in an object or are handed back. */
function unitsOf(path: string, file: ts.SourceFile): readonly Unit[] {
  const units: Unit[] = []
  const visit = (node: ts.Node) => {
    if (isBody(node) && !isInline(node)) units.push({ path, name: nameOf(node), body: node })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return units
}

function isBody(node: ts.Node): node is Body {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined
}

/** True for what is handed to a call: it runs as part of the function it stands in. */
function isInline({ parent }: Body): boolean {
  return ts.isCallExpression(parent)
}

function nameOf(node: Body): string {
  const { parent } = node
  const named =
    node.name ?? (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined)
  return named?.getText() ?? `line ${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}

/** The calls of a function, what they are handed before themselves; those of functions in it apart. */
function callsIn(body: ts.Node): readonly ts.CallExpression[] {
  const calls: ts.CallExpression[] = []
  const visit = (node: ts.Node) => {
    if (isBody(node) && !isInline(node)) return
    ts.forEachChild(node, visit)
    if (ts.isCallExpression(node)) calls.push(node)
  }
  visit(body)
  return calls
}

/** What a file imports from other files, by the name it has there. */
function importsOf(path: string, file: ts.SourceFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const from = posix.join(posix.dirname(path), statement.moduleSpecifier.text)
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue
    for (const { name, propertyName } of bindings.elements)
      names.set(name.text, `${from}#${(propertyName ?? name).text}`)
  }
  return names
}
