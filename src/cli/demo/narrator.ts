import { oneLine } from '../failure'
import { paint, print } from '../output'

/** The outcome of one step, as `--json` tells it. */
interface StepReport {
  readonly step: string
  readonly ok: boolean
  /** The lines the step told; last, where it failed, the reason. */
  readonly told: readonly string[]
}

/** A step went wrong. */
class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

/** Tells a person what happens, step by step, and stops at the first step that goes wrong. */
export interface Narrator {
  readonly reports: readonly StepReport[]
  /**
   * Does a step. The lines that `act` tells are shown below the title.
   * @throws {StepFailed} when `act` throws: the steps after it would mean nothing
   */
  step<T>(title: string, act: (tell: (line: string) => void) => Promise<T>): Promise<T>
}

export function createNarrator(quiet: boolean): Narrator {
  const reports: StepReport[] = []
  const say = (text: string) => {
    if (!quiet) print(text)
  }
  return {
    reports,
    async step(title, act) {
      const number = reports.length + 1
      say(paint('bold', `${String(number).padStart(2)}. ${title}`))
      const told: string[] = []
      try {
        const result = await act((line) => {
          told.push(line)
          say(`    ${line}`)
        })
        reports.push({ step: title, ok: true, told })
        return result
      } catch (error) {
        const why = oneLine(error instanceof Error ? error.message : String(error))
        reports.push({ step: title, ok: false, told: [...told, why] })
        throw new StepFailed(`step ${number} (${title}) is not as it should be: ${why}`)
      }
    },
  }
}

/** @throws {Error} with the expected and the actual value */
export function expectSame<T>(what: string, actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`${what} should be ${String(expected)}, but is ${String(actual)}`)
}
