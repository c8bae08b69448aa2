import type { Logger } from '../options'

/** A logger for work in the background, where an error of the logger's would end the host app. */
export function quietLogger(logger: Logger): Logger {
  return {
    warn: (message) => quietly(() => logger.warn(message)),
    error: (message, error) => quietly(() => logger.error(message, error)),
  }
}

function quietly(log: () => void): void {
  try {
    log()
  } catch {
    // There is nowhere left to say it.
  }
}
