import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Reading } from '../trust/known-time'
import { APP_CLOCKS } from '../trust/running-time'

/** Reads the clocks of this computer. Throws what the app's own clocks throw. */
export type ReadClocks = () => Reading

/**
 * The clocks that a kit goes by. An app's own `now` stands for the uptime, too, unless the app gives that as well. Only the
 * system's own clocks belong to the boot that the system names.
 *
 * @param systemNow what stands for `now` where the app gives none
 * @param ownUptime in seconds
 */
export function createReadClocks(systemNow: () => Date, now?: () => Date, ownUptime?: () => number): ReadClocks {
  const readUptime = ownUptime ?? (now && (() => now().getTime() / 1000)) ?? systemUptime
  const isSystem = now === undefined && ownUptime === undefined
  return () => ({
    wall: (now ?? systemNow)().getTime() / 1000,
    uptime: readUptime(),
    boot: isSystem ? systemBoot() : APP_CLOCKS,
  })
}

/**
 * Where the system does not tell, the time since an instant that no other process shares. A container may be told its own
 * uptime beside the name of the computer's boot; the monotonic clock is the computer's then, and on no system ahead of the uptime.
 */
function systemUptime(): number {
  const monotonic = Number(process.hrtime.bigint()) / 1e9
  try {
    return process.platform === 'linux' ? Math.max(uptime(), monotonic) : uptime()
  } catch {
    return monotonic
  }
}

let boot: string | undefined

/** Linux names each boot. Empty on other systems; read once. */
function systemBoot(): string | undefined {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
  } catch {
    boot = ''
  }
  return boot || undefined
}
