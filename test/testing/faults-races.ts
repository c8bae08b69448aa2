import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { ChangeSet, Storage } from '../../src/storage/contract'
import type { MemoryRows } from '../../src/storage/memory/memory-storage'
import { atAnyRevision, type Fault, fault, REFUSED, storedRow } from './fault'

const isMissing = (set: ChangeSet, rows: MemoryRows) =>
  set.some((change) => {
    const stored = storedRow(rows, change)
    return change.kind === 'insert' ? stored !== undefined : stored?.revision !== change.revision
  })

/** Looks whether a set can be written, waits, and then writes it over whatever is there. */
async function lookThenWrite(
  sets: readonly ChangeSet[],
  rows: MemoryRows,
  write: (set: ChangeSet) => Promise<unknown>,
) {
  const isConflict = sets.map((set) => isMissing(set, rows))
  await turnOfTheLoop()
  for (const [index, set] of sets.entries()) {
    if (!isConflict[index]) await write(atAnyRevision(set, rows, ['update', 'delete', 'guard']))
  }
  return isConflict.map((conflict) => (conflict ? ('conflict' as const) : ('written' as const)))
}

/** What goes wrong when several call at once, and with what should last. */
export const faultsInRaces: Readonly<Record<string, Fault>> = {
  'looks, waits, then writes': fault('races', (sound, rows) => ({
    write: (sets) => lookThenWrite(sets, rows, (set) => sound.write([set])),
  })),
  'looks at guards, waits, then writes': fault('races', (sound, rows) => ({
    write: async (sets) => {
      const guards = (set: ChangeSet) => set.filter(({ kind }) => kind === 'guard')
      const isStale = sets.map((set) => isMissing(guards(set), rows))
      await turnOfTheLoop()
      return sound.write(
        sets.map((set, index) => (isStale[index] ? REFUSED : set.filter(({ kind }) => kind !== 'guard'))),
      )
    },
  })),
  'answers one query after the other': fault('races', (sound) => ({
    read: async (queries) => {
      const answers = []
      for (const query of queries) {
        answers.push(...(await sound.read([query])))
        await turnOfTheLoop()
      }
      return answers
    },
  })),
  'knows of races in its own process only': fault('races over two handles', (sound, rows) => {
    let line: Promise<unknown> = Promise.resolve()
    return {
      write: async (sets) => {
        const turn = line.then(() => lookThenWrite(sets, rows, (set) => sound.write([set])))
        line = turn.catch(() => undefined)
        return turn
      },
    }
  }),
  'answers from what it has read before': fault('races over two handles', (sound) => {
    const known = new Map<string, ReturnType<Storage['read']>>()
    return {
      read: (queries) => {
        const name = JSON.stringify(queries)
        if (!known.has(name)) known.set(name, sound.read(queries))
        return known.get(name) as ReturnType<Storage['read']>
      },
      write: (sets) => {
        known.clear()
        return sound.write(sets)
      },
    }
  }),

  'keeps nothing': fault('persistence', (sound, rows) => ({
    close: async () => {
      rows.clear()
      await sound.close()
    },
  })),
  'answers when closed': fault('opening and closing', () => ({ close: async () => undefined })),
  'begins anew with each handle that opens': fault('several handles', (sound, rows) => ({
    open: async (tables) => {
      rows.clear()
      await sound.open(tables)
    },
  })),
}
