import { expect, it } from 'vitest'
import { fuzzParser } from './fuzz-parser'
import { parsers } from './parsers'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const RUNS = Number(process.env.FUZZ_TEXTS ?? 300)
const PARSERS = await parsers()

it.each(PARSERS)(`$name is read or refused, whatever is in it (FUZZ_SEED=${SEED})`, async (parser) => {
  expect(await fuzzParser(parser, RUNS, SEED)).toEqual([])
})

it('a parser that throws what it does not say, or takes too long, is found', async () => {
  const careless = { name: 'careless', seeds: ['{"a":"b"}'], parse: (text: string) => JSON.parse(text).a.b.c }
  expect((await fuzzParser(careless, 50, SEED)).length).toBeGreaterThan(10)
  const slow = { name: 'slow', seeds: ['a'], parse: (text: string) => text.startsWith('((') && spin(2500) }
  expect(await fuzzParser(slow, 0, SEED)).toMatchObject([{ why: expect.stringContaining('took') }])
})

function spin(milliseconds: number): void {
  const start = performance.now()
  while (performance.now() - start < milliseconds);
}
