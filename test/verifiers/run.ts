/**
 * Runs the verifiers of examples/verify on the test vectors, each in its own language, as far as this computer has it. Then
 * forgets the checks of the one in Python, one at a time: the vectors must find out each. Prints what came out otherwise,
 * and what was left out. For some languages only:
 *
 *   npm run test:verifiers -- Go Rust
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { leaveOut } from '../circumstances'
import { allVectors } from '../vectors/vectors'
import { carelessVerifiers } from './careless-verifiers'
import { isHere, LANGUAGES, type Language, runPython } from './languages'

const VECTORS = fileURLToPath(new URL('../../examples/verify/vectors.json', import.meta.url))

const { licenseTokens, licenseFiles } = allVectors()
const vectors = [...licenseTokens, ...licenseFiles]
const count = { passed: 0, failed: 0 }

function main(wanted: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-verifiers-'))
  try {
    for (const language of LANGUAGES) {
      if (wanted.length === 0 || wanted.includes(language.name)) judge(language, folder)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${count.passed} passed, ${count.failed} failed`)
  process.exitCode = count.failed === 0 ? 0 : 1
}

function judge({ name, runner }: Language, folder: string): void {
  if (runner === undefined) {
    console.log(`not run: ${name}, which Debian does not have`)
  } else if (isHere(runner)) {
    const { stdout, stderr } = runner.run(VECTORS, mkdtempSync(join(folder, 'verifier-')))
    const wrong = wrongOf(stdout)
    for (const one of wrong) console.log(`${name}: ${one}`)
    if (wrong.length > 0) console.log(stderr)
    tell(`${name}: each verdict of ${vectors.length} vectors`, wrong.length === 0)
    if (name === 'Python') findCareless(folder)
  } else {
    leaveOut(`${name} needs apt-get install -y --no-install-recommends ${runner.debian}`)
  }
}

function findCareless(folder: string): void {
  for (const { forgotten, place } of carelessVerifiers(folder)) {
    const { stdout } = runPython(VECTORS, place)
    tell(`is found out without ${forgotten}`, wrongOf(stdout).length > 0)
  }
}

/** The vectors that came out otherwise than they must. */
function wrongOf(stdout: string): string[] {
  const verdicts = stdout.split('\n')
  return vectors
    .map(({ name, result }, index) => ({ name, result, came: verdicts[index] }))
    .filter(({ result, came }) => came !== result)
    .map(({ name, result, came }) => `${name}: expected ${result}, came ${came}`)
}

function tell(what: string, isSo: boolean): void {
  console.log(`${isSo ? 'ok' : 'FAILED'}  ${what}`)
  count[isSo ? 'passed' : 'failed']++
}

main(parseArgs({ allowPositionals: true }).positionals)
