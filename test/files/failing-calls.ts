import { rename, rm } from 'node:fs/promises'

/** System calls that fail with a code, so many times or always. */
export function failing(code: string, times = Number.POSITIVE_INFINITY) {
  let failures = 0
  return {
    failures: () => failures,
    link: () => Promise.reject(new Error('not used')),
    rm: async (file: unknown) => {
      if (failures >= times) return await rm(String(file), { force: true })
      failures++
      throw Object.assign(new Error(code), { code })
    },
    rename: async (from: unknown, to: unknown) => {
      if (failures >= times) return await rename(String(from), String(to))
      failures++
      throw Object.assign(new Error(code), { code })
    },
  }
}
