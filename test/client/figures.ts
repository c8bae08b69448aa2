import { afterAll } from 'vitest'

/** Prints what a file of tests has counted, once they are over: the battery's name, then one line of JSON. */
export function printFigures(battery: string, figures: object): void {
  afterAll(() => {
    process.stdout.write(`${battery} ${JSON.stringify(figures)}\n`)
  })
}
