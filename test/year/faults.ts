import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { sep } from 'node:path'

type Fault = 'full' | 'crash' | 'held'

const faults = new Map<string, { readonly fault: Fault; reads: number }>()

/** Nothing can be written there. */
export const fillDisk = (folder: string) => void faults.set(folder, { fault: 'full', reads: 0 })
/** Whoever writes there dies in the middle of it. */
export const crashOnWrite = (folder: string) => void faults.set(folder, { fault: 'crash', reads: 0 })
/** Two reads of three fail there. */
export const failReads = (folder: string) => void faults.set(folder, { fault: 'held', reads: 0 })
export const clearFaults = (folder: string) => void faults.delete(folder)

function faultAt(file: unknown) {
  if (faults.size === 0) return undefined
  const path = String(file)
  for (const [folder, found] of faults) if (path === folder || path.startsWith(folder + sep)) return found
  return undefined
}

const failed = (code: string) => Object.assign(new Error(`${code}: made by the year`), { code })
const isForWriting = (flags: unknown) => typeof flags === 'string' && /[wa+]/.test(flags)

/** Puts the faults under every program of this process that uses node:fs/promises. */
export function installFaults(): void {
  const { open, readFile, writeFile, mkdir, rename } = promises
  const real = { open, readFile, writeFile, mkdir, rename }
  const reading = (file: unknown) => {
    const found = faultAt(file)
    if (found?.fault === 'held' && ++found.reads % 3 !== 0) throw failed('EBUSY')
  }
  const writing = (file: unknown) => {
    const fault = faultAt(file)?.fault
    if (fault === 'full') throw failed('ENOSPC')
    return fault
  }
  Object.assign(promises, {
    async open(...args: Parameters<typeof open>) {
      if (isForWriting(args[1])) writing(args[0])
      else reading(args[0])
      return await real.open(...args)
    },
    async readFile(...args: Parameters<typeof readFile>) {
      reading(args[0])
      return await real.readFile(...args)
    },
    async writeFile(...args: Parameters<typeof writeFile>) {
      if (writing(args[0]) === 'crash') {
        await real.writeFile(args[0], String(args[1]).slice(0, 20))
        throw failed('EIO')
      }
      return await real.writeFile(...args)
    },
    async mkdir(...args: Parameters<typeof mkdir>) {
      writing(args[0])
      return await real.mkdir(...args)
    },
    async rename(...args: Parameters<typeof rename>) {
      if (writing(args[1]) === 'crash') throw failed('EIO')
      return await real.rename(...args)
    },
  })
  syncBuiltinESMExports()
}
