/** Shows progress on stderr: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** @param done how much is done, in the unit of the total */
  update(done: number, label: string): void
  /** Takes the bar away. */
  end(): void
}

/** The stream that shows the progress. */
interface Screen {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const BAR_WIDTH = 30
const REDRAW_MS = 100
const LINE_MS = 10_000

export const NO_PROGRESS: Progress = { update() {}, end() {} }

/**
 * @param total how much there is to do; undefined where this is not known
 * @param now a clock in milliseconds that never goes back
 */
export function createProgress(
  total: number | undefined,
  { stream = process.stderr, now = () => performance.now() }: { stream?: Screen; now?: () => number } = {},
): Progress {
  const terminal = stream.isTTY === true
  let last = terminal ? Number.NEGATIVE_INFINITY : now()
  let drawn = false
  return {
    update(done, label) {
      const instant = now()
      if (instant - last < (terminal ? REDRAW_MS : LINE_MS)) return
      last = instant
      const share = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, done / total)
      if (!terminal) {
        stream.write(`${share === undefined ? '' : `${percent(share)} `}${label}\n`)
        return
      }
      drawn = true
      const room = Math.max(0, (stream.columns ?? 80) - 1)
      stream.write(`\r${`${share === undefined ? '' : `${bar(share)} `}${label}`.slice(0, room)}\u001b[K`)
    },
    end() {
      if (drawn) stream.write('\r\u001b[K')
      drawn = false
    },
  }
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH)
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${percent(share)}`
}

function percent(share: number): string {
  return `${String(Math.floor(share * 100)).padStart(3)}%`
}
