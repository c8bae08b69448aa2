import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** A section of the README, from its heading to the next of the same rank. */
export function readmeSection(heading: string): string {
  const [, section] = README.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`the README has no section ${heading}`)
  return section.split('\n## ')[0] ?? ''
}

/** The commands a document shows as `npx keyslot …`, as they are written. */
export function npxCommands(document: string): readonly string[] {
  return [...document.matchAll(/npx keyslot ([^`\n#]+)/g)].map(([, command = '']) => command.trim())
}

/** Every command shown to anybody: in documents, and in the examples of the help. */
export function shownCommands(): readonly string[] {
  const documents = ['.', 'docs', '.changeset'].flatMap((folder) => filesIn(folder, '.md'))
  const helps = [...filesIn('src/cli/commands', '.ts'), 'src/cli/program.ts']
  return [
    ...documents.flatMap((name) => inText(name, /(?:`(?:npx )?|^(?:\w+=\S+ )?npx )keyslot ([a-z][^`\n]*)/gm)),
    ...helps.flatMap((name) => inText(name, /^ {2}\$ (?:\w+=\S+ )?keyslot ([^\n`]+)/gm)),
  ]
}

function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
}

function inText(name: string, pattern: RegExp): readonly string[] {
  return [...readFileSync(join(ROOT, name), 'utf8').matchAll(pattern)].map(([, command = '']) => command)
}

/** The words of a command as a shell would make them, up to a comment beside it, a pipe or a redirection. */
export function wordsOf(command: string): string[] {
  const [alone = ''] = command.split(/ {3,}| #| \| | > | && /)
  return (alone.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}
