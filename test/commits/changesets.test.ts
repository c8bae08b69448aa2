import { describe, expect, it } from 'vitest'
import { parseLog, withoutChangeset } from './changesets'

const SOURCE = 'src/server/index.ts'
const CHANGESET = '.changeset/lent-seats.md'

describe('withoutChangeset', () => {
  it.each<[header: string, paths: readonly string[], isLacking: boolean]>([
    ['feat: lend seats', [SOURCE], true],
    ['feat: lend seats', [SOURCE, CHANGESET], false],
    ['feat(server): lend seats', [SOURCE], true],
    ['feat(server)!: lend seats', [SOURCE], true],
    ['fix: answer in time', [SOURCE], true],
    ['fix: answer in time', [CHANGESET], false],
    ['fix: answer in time', ['docs/.changeset/other.md'], true],
    ['refactor!: move the entries', [SOURCE], true],
    ['refactor(server): move a file', [SOURCE], false],
    ['docs: say what feat: means', ['README.md'], false],
    ['fixture: is no type', [SOURCE], false],
    ['test: try it', [], false],
  ])('%s, touching %j: %j', (header, paths, isLacking) => {
    const commit = { hash: '1234567890abcdef', header, paths }
    expect(withoutChangeset([commit])).toEqual(isLacking ? [`1234567 ${header}`] : [])
  })
})

it('withoutChangeset leaves alone a commit that is accepted with a reason', () => {
  const commits = ['aaa', 'bbb'].map((hash) => ({ hash, header: 'fix: answer', paths: [SOURCE] }))
  expect(withoutChangeset(commits, { aaa: 'mends code that no release has' })).toEqual(['bbb fix: answer'])
})

describe('parseLog', () => {
  it('reads commits with their paths, and those without any', () => {
    const log = `\x1eaaa\x1ffix: answer\x1f\n\n${SOURCE}\n${CHANGESET}\n\x1ebbb\x1fMerge branch\x1f\n`
    expect(parseLog(log)).toEqual([
      { hash: 'aaa', header: 'fix: answer', paths: [SOURCE, CHANGESET] },
      { hash: 'bbb', header: 'Merge branch', paths: [] },
    ])
    expect(parseLog('')).toEqual([])
  })
})
