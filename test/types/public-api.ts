import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The source file of each entry of the package, below the root. */
export const ENTRIES = {
  'keyslot/server': 'src/server/index.ts',
  'keyslot/client': 'src/client/index.ts',
  'keyslot/storage': 'src/storage/index.ts',
  'keyslot/storage/sqlite': 'src/storage/sqlite/index.ts',
  'keyslot/storage/postgres': 'src/storage/postgres/index.ts',
  'keyslot/testing': 'src/testing/index.ts',
  'keyslot/protocol': 'src/protocol/index.ts',
} as const

export type Entry = keyof typeof ENTRIES

/** The names an entry exports, sorted. A class is a value, not a type. */
export interface EntryNames {
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** An export of an entry, under the name that the entry gives it. */
interface Exported {
  readonly name: string
  readonly symbol: ts.Symbol
}

/** The public API as TypeScript reads it from the sources. */
export class PublicApi {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker

  /** @param overlay files to read in place of those on disk, by absolute path */
  constructor(overlay: ReadonlyMap<string, string> = new Map()) {
    const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile)
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT)
    const host = ts.createCompilerHost(options)
    const { fileExists, readFile } = host
    host.fileExists = (path) => overlay.has(path) || fileExists(path)
    host.readFile = (path) => overlay.get(path) ?? readFile(path)
    const sources = [...Object.values(ENTRIES).map((path) => `${ROOT}${path}`), ...overlay.keys()]
    this.#program = ts.createProgram(sources, options, host)
    this.#checker = this.#program.getTypeChecker()
  }

  /** @param path an entry's source file, below the root */
  namesOf(path: string): EntryNames {
    const exported = this.#exportsOf(path)
    const isValue = ({ symbol }: Exported) => (symbol.flags & ts.SymbolFlags.Value) !== 0
    return {
      values: exported.filter(isValue).map(({ name }) => name),
      types: exported.filter((one) => !isValue(one)).map(({ name }) => name),
    }
  }

  /**
   * Where a type of ours that an entry shows is `any`, as paths such as `createLicensing().licenses`. Types of packages
   * are not looked into.
   * @param path an entry's source file, below the root
   */
  anysOf(path: string): readonly string[] {
    return this.#exportsOf(path).flatMap((exported) => new AnySearch(this.#checker).within(exported))
  }

  #exportsOf(path: string): readonly Exported[] {
    const source = this.#program.getSourceFile(`${ROOT}${path}`)
    const module = source === undefined ? undefined : this.#checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${path} is no module`)
    return this.#checker
      .getExportsOfModule(module)
      .map((symbol) => ({ name: symbol.name, symbol: this.#resolved(symbol) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol)
  }
}

/** One walk through every part of an exported type. */
class AnySearch {
  readonly #checker: ts.TypeChecker
  readonly #seen = new Set<ts.Type>()
  readonly #found: string[] = []

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  within({ name, symbol }: Exported): readonly string[] {
    const { Value, Type } = ts.SymbolFlags
    if ((symbol.flags & Value) !== 0) this.#visit(this.#checker.getTypeOfSymbol(symbol), name)
    if ((symbol.flags & Type) !== 0) this.#visit(this.#checker.getDeclaredTypeOfSymbol(symbol), name)
    return this.#found
  }

  #visit(type: ts.Type, path: string): void {
    if ((type.flags & ts.TypeFlags.Any) !== 0) {
      this.#found.push(path)
      return
    }
    if (this.#seen.has(type)) return
    this.#seen.add(type)
    for (const argument of type.aliasTypeArguments ?? []) this.#visit(argument, `${path}<>`)
    if (type.isUnionOrIntersection()) for (const part of type.types) this.#visit(part, path)
    if ((type.flags & ts.TypeFlags.Object) === 0) return
    for (const argument of this.#argumentsOf(type)) this.#visit(argument, `${path}<>`)
    if (isOurs(type)) this.#visitMembers(type, path)
  }

  #argumentsOf(type: ts.Type): readonly ts.Type[] {
    const isReference = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0
    return isReference ? this.#checker.getTypeArguments(type as ts.TypeReference) : []
  }

  #visitMembers(type: ts.Type, path: string): void {
    for (const property of type.getProperties()) {
      this.#visit(this.#checker.getTypeOfSymbol(property), `${path}.${property.name}`)
    }
    for (const { type: value } of this.#checker.getIndexInfosOfType(type)) this.#visit(value, `${path}[]`)
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      for (const parameter of signature.getParameters()) {
        this.#visit(this.#checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`)
      }
      this.#visit(signature.getReturnType(), `${path}()`)
    }
  }
}

/** False for types that a package or TypeScript's own library declares. */
function isOurs(type: ts.Type): boolean {
  const declarations = type.getSymbol()?.getDeclarations()
  return (
    declarations === undefined ||
    declarations.some((declaration) => !declaration.getSourceFile().fileName.includes('node_modules'))
  )
}
