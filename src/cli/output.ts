import { styleText } from 'node:util'

/** Prints one line, or several, for a person. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints one line of JSON for a machine. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** Colours a text on a terminal that wants colours (`NO_COLOR` and `TERM=dumb` do not); elsewhere the text stays plain. */
export function paint(style: Style, text: string): string {
  const wanted = process.stdout.isTTY === true && process.stdout.hasColors()
  return wanted ? styleText(style, text) : text
}
