import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROUTES } from '../../src/protocol/routes'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const documents = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.md') && !/(^|\/)(node_modules|dist|\.changeset|\.git)\//.test(name),
)

/** The `ts` code blocks of a document, by a file name each could have in the repository's root. */
function codeBlocks(document: string): [string, string][] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
  return blocks.map((code, index) => [`${document.replaceAll('/', '-')}-${index}.ts`, `${code}\nexport {}\n`])
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsIn(path: string): readonly string[] {
  const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) => heading,
  )
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** What TypeScript has to say of code that stands in no file. */
function diagnose(sources: ReadonlyMap<string, string>): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config
  // A reader's snippet may declare what it does not use.
  const overrides = { noUnusedLocals: false, noUnusedParameters: false }
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...overrides }, ROOT)
  const host = ts.createCompilerHost(options)
  const byPath = new Map([...sources].map(([name, code]) => [join(ROOT, name), code]))
  const { fileExists, readFile } = host
  host.fileExists = (path) => byPath.has(path) || fileExists(path)
  host.readFile = (path) => byPath.get(path) ?? readFile(path)
  const program = ts.createProgram([...byPath.keys()], options, host)
  return [...byPath.keys()]
    .flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}

describe('the documents', () => {
  it('have TypeScript that compiles', () => {
    const sources = new Map(documents.flatMap(codeBlocks))
    expect(sources.size).toBeGreaterThan(3)
    expect(diagnose(sources)).toEqual([])
  })

  it('would notice TypeScript that does not', () => {
    const wrong = "import { createLicensing } from 'keyslot/server'\nawait createLicensing({ storage: 1 })\nexport {}\n"
    expect(diagnose(new Map([['wrong.ts', wrong]])).length).toBeGreaterThan(0)
  })

  it('link to files that are there', () => {
    const broken = documents.flatMap((document) => {
      const links = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      return links
        .map(([, target = '']) => join(document, '..', target))
        .filter((path) => !ts.sys.fileExists(join(ROOT, path)) && !ts.sys.directoryExists(join(ROOT, path)))
    })
    expect(broken).toEqual([])
  })

  it('link to headings that are there', () => {
    const broken = documents.flatMap((document) => {
      const links = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
      return links
        .map(
          ([, target = '', heading = '']) =>
            [target === '' ? document : join(document, '..', target), heading] as const,
        )
        .filter(([path, heading]) => !anchorsIn(path).includes(heading))
        .map((link) => `${document}: ${link.join('#')}`)
    })
    expect(broken).toEqual([])
  })

  it('name every route in the README', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const missing = Object.values(ROUTES).filter(({ path }) => {
      const tail = path.replace(/^\/public\/v1\/key(?=\/(multiple|\{key\}\/))/, '').replace(/^\/\{key\}/, '')
      return !readme.includes(path) && !readme.includes(`\`${tail}\``)
    })
    expect(missing.map(({ path }) => path)).toEqual([])
  })
})
