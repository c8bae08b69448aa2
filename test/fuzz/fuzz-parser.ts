import { parseJson } from '../../src/protocol/json'
import { createDice, type Dice } from '../storage/verbs/differential/dice'
import { mutateJson, mutateText } from './mutate'
import { isRefusal, type Parser } from './parser'

/** A text that a parser should have dealt with. */
export interface Find {
  readonly parser: string
  readonly why: string
  readonly text: string
}

/** How long one text may keep the processor, in milliseconds: others who have it meanwhile do not count. */
const MOST_MS = 1000

/** Characters that make patterns go back and forth, in numbers that show whether they do. */
const LONG = ['a', ' ', '"', '(', '.', '-', '0', ',', '%', '\\', '[', '{"a":', 'a.', 'a,', '\n'].map((text) =>
  text.repeat(50_000 / text.length),
)

/** Gives a parser what it takes, changed in some places, so many times. */
export async function fuzzParser(parser: Parser, runs: number, seed: number): Promise<readonly Find[]> {
  const dice = createDice(seed)
  const finds: Find[] = []
  for (const text of LONG) finds.push(...(await tryText(parser, text)))
  for (let run = 0; run < runs; run++) finds.push(...(await tryText(parser, mutantOf(dice.one(parser.seeds), dice))))
  return finds
}

function mutantOf(seed: string, dice: Dice): string {
  const value = parseJson(seed)
  return value === undefined || dice.chance(30) ? mutateText(seed, dice) : mutateJson(value, dice)
}

async function tryText({ name, wrap, parse, isOwn = isRefusal }: Parser, mutant: string): Promise<readonly Find[]> {
  const text = wrap?.(mutant) ?? mutant
  const start = process.cpuUsage()
  const find = (why: string): readonly Find[] => [{ parser: name, why, text: mutant.slice(0, 500) }]
  try {
    await parse(text)
  } catch (error) {
    if (!isOwn(error)) return find(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }
  const { user, system } = process.cpuUsage(start)
  const took = (user + system) / 1000
  return took > MOST_MS ? find(`took ${Math.round(took)} ms`) : []
}
