import { describe, expect, it } from 'vitest'
import { type CsvRecord, guessDelimiter, readCsv } from '../../../src/cli/transfer/csv'
import { splitLines, type TextLine } from '../../../src/cli/transfer/split-lines'

/** A text in pieces of so many bytes, as a stream might bring it. */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function linesOf(text: string, size = 7): Promise<readonly TextLine[]> {
  return collect(splitLines(pieces(text, size), 0))
}

function recordsOf(text: string, delimiter = ','): Promise<readonly CsvRecord[]> {
  return collect(readCsv(splitLines(pieces(text, 5), 0), delimiter))
}

describe('splitLines', () => {
  it.each([1, 2, 3, 7, 1000])('gives the same lines and places in pieces of %i bytes', async (size) => {
    const text = 'äöü\r\n\nlast€'
    expect(await linesOf(text, size)).toEqual([
      { text: 'äöü', end: 8, tooLong: false },
      { text: '', end: 9, tooLong: false },
      { text: 'last€', end: 16, tooLong: false },
    ])
    // From any of these places on, the rest is the same.
    const rest = await collect(splitLines(pieces(Buffer.from(text).subarray(9).toString(), size), 9))
    expect(rest).toEqual([{ text: 'last€', end: 16, tooLong: false }])
  })

  it('does not make a line of the end of the last one', async () => {
    expect((await linesOf('a\nb\n')).map(({ text }) => text)).toEqual(['a', 'b'])
    expect(await linesOf('')).toEqual([])
  })
})

describe('readCsv', () => {
  it('reads quoted fields with delimiters, quotes and line ends in them', async () => {
    const records = await recordsOf('a,"b,c","d ""e""","two\nlines"\r\n,,\n"",x,""\n')
    expect(records.map(({ fields }) => fields)).toEqual([
      ['a', 'b,c', 'd "e"', 'two\nlines'],
      ['', '', ''],
      ['', 'x', ''],
    ])
    expect(records.map(({ lines }) => lines)).toEqual([2, 1, 1])
  })

  it('says what is no CSV, and goes on with the next record', async () => {
    const records = await recordsOf('"a"b,c\nd,e\n"open,\nf')
    expect(records.map(({ fields, fault }) => fault ?? fields)).toEqual([
      'has text after a closing quote',
      ['d', 'e'],
      'has a quote that is never closed',
    ])
  })

  it('takes a quote within a field for a character of it', async () => {
    const records = await recordsOf('24" screen,x\nsay "hi",y\n5\'10","open,\n24"\n')
    expect(records.map(({ fields, fault }) => fault ?? fields)).toEqual([
      ['24" screen', 'x'],
      ['say "hi"', 'y'],
      ['5\'10"', 'open,\n24'],
    ])
  })

  it('loses no record after a quote that was never closed', async () => {
    const rest = Array.from({ length: 20_000 }, (_, index) => `KEY-${index},x`)
    const records = await recordsOf(['"open,', ...rest].join('\n'))
    const taken = records.filter(({ fault }) => fault === undefined)
    expect(records[0]?.fault).toBe('is too long; is a quote left open?')
    expect(taken.length).toBe(rest.length + 1 - (records[0]?.lines ?? 0))
    expect(taken.at(-1)?.fields).toEqual(['KEY-19999', 'x'])
  })

  it.each([
    ['a,b;c,d', ','],
    ['a;b;"c,d,e,f"', ';'],
    ['a\tb\tc', '\t'],
    ['alone', ','],
  ])('takes the delimiter of %j to be %j', (header, delimiter) => {
    expect(guessDelimiter(header)).toBe(delimiter)
  })
})
