import { strict as assert } from 'node:assert'
import type { Consumer } from '../package/consumer'
import {
  ENTRIES,
  loadingPrograms,
  MISSING_PEERS,
  TOLD_OF_MISSING_PEERS,
  WITHOUT_REQUIRE_OF_ESM,
} from '../package/entries'

/**
 * Loads every entry of the packed tarball as ES module and as CommonJS, with one Node, in a project that has neither
 * express nor a driver; then uses each of those, which must be told in one line.
 * @returns how many combinations were as they should be: all
 * @throws at the first that is not
 */
export async function checkCombinations(node: string, bare: Consumer): Promise<number> {
  let passed = 0
  for (const form of ['esm', 'cjs'] as const) {
    const file = form === 'esm' ? 'combination.mjs' : 'combination.cjs'
    const run = async (program: string): Promise<string> => {
      await bare.write(file, program)
      return (await bare.exec(node, WITHOUT_REQUIRE_OF_ESM, file)).stdout.trim()
    }
    for (const [entry, name] of Object.entries(ENTRIES)) {
      assert.equal(await run(loadingPrograms(entry, name)[form]), 'function', `${entry} as ${form}`)
      passed++
    }
    const told = (await run(MISSING_PEERS[form])).split('\n')
    assert.equal(told.length, TOLD_OF_MISSING_PEERS.length)
    for (const [index, pattern] of TOLD_OF_MISSING_PEERS.entries()) assert.match(told[index] ?? '', pattern)
    passed += told.length
  }
  return passed
}
