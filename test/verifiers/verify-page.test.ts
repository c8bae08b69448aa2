import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { allVectors } from '../vectors/vectors'
import { LANGUAGES } from './languages'
import { PAGE, withCode } from './verify-page'

const page = readFileSync(PAGE, 'utf8')

it('docs/verify.md shows each verifier as its file has it; `npm run write:verify-page` writes it', () => {
  expect(withCode(page)).toBe(page)
})

it('shows every language there is', () => {
  const entries = readdirSync(new URL('../../examples/verify', import.meta.url), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(LANGUAGES.map(({ file }) => file.split('/')[0]).toSorted()).toEqual(folders.toSorted())
})

it('describes every part of the vectors, and every field of each', () => {
  const fields = new Set<string>()
  for (const [section, vectors] of Object.entries(allVectors())) {
    fields.add(section)
    if (Array.isArray(vectors)) for (const vector of vectors) for (const field of Object.keys(vector)) fields.add(field)
  }
  expect([...fields].filter((field) => !page.includes(`\`${field}\``))).toEqual([])
})

it('names every code that a vector has', () => {
  const { licenseTokens, licenseFiles } = allVectors()
  const results = new Set([...licenseTokens, ...licenseFiles].map(({ result }) => result))
  expect([...results].filter((result) => !page.includes(`\`${result}\``))).toEqual([])
})
