import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Lets a batch finish before a signal ends the process; a second signal ends the process at once. */
export interface Interrupt {
  readonly isStopping: () => boolean
  /** From now on a signal ends the process at once, as usual. */
  release(): void
  /** Ends the process as the signal would have; does nothing where no signal came. */
  end(): void
}

export function onInterrupt(): Interrupt {
  let came: (typeof SIGNALS)[number] | undefined
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    if (came !== undefined) process.exit(128 + constants.signals[signal])
    came = signal
    process.stderr.write('keyslot: interrupted; finishing the batch under way\n')
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    isStopping: () => came !== undefined,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
    end() {
      if (came !== undefined) throw new Interrupted(came)
    },
  }
}

/** A signal ended the work before it was finished. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}; the same command goes on where it stopped`)
  }
}
