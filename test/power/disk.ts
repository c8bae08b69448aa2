/** A disk that the power is cut of: what was synced is on it; what was not may be. */
import type { Event, FileNumber } from './events'
import { FileImage } from './file-image'
import { shuffled } from './shuffled'

/**
 * What becomes of what was not synced. `ordered`: nothing of it is on the disk. `any subset`: each write and each change
 * of a length is or is not, in any order. `torn`: the same for each sector of a write.
 */
export type Model = 'ordered' | 'any subset' | 'torn'
export const MODELS: readonly Model[] = ['ordered', 'any subset', 'torn']

const SECTOR = 512
/** How much of what was not synced is on the disk, drawn for each file. */
const SHARES: readonly number[] = [0.1, 0.5, 0.9]

type Change = Extract<Event, { kind: 'write' | 'truncate' }>
type Naming = Extract<Event, { kind: 'create' | 'unlink' }>

interface File {
  readonly synced: FileImage
  unsynced: Change[]
}

/**
 * Names last once the folder was synced, as POSIX has it: a sync of the file itself counts for nothing there. Of what
 * happened to one name, the disk has all up to some point, whatever became of other names.
 */
export class Disk {
  private readonly files = new Map<FileNumber, File>()
  private readonly syncedNames = new Map<string, FileNumber>()
  private unsyncedNames: Naming[] = []

  apply(event: Event): void {
    if (event.kind === 'create') this.files.set(event.file, { synced: new FileImage(), unsynced: [] })
    if (event.kind === 'create' || event.kind === 'unlink') this.unsyncedNames.push(event)
    if (event.kind === 'write' || event.kind === 'truncate') this.files.get(event.file)?.unsynced.push(event)
    if (event.kind === 'sync') this.syncFile(event.file)
    if (event.kind !== 'sync folder') return
    for (const naming of this.unsyncedNames) name(this.syncedNames, naming)
    this.unsyncedNames = []
  }

  /** The files that the folder has after a power cut, by name. */
  afterPowerCut(model: Model, random: () => number): ReadonlyMap<string, Buffer> {
    const contents = new Map<string, Buffer>()
    for (const [fileName, number] of this.namesAfterPowerCut(model, random)) {
      const file = this.files.get(number)
      if (file !== undefined) contents.set(fileName, contentAfterPowerCut(file, model, random))
    }
    return contents
  }

  private syncFile(number: FileNumber): void {
    const file = this.files.get(number)
    if (file === undefined) return
    for (const change of file.unsynced) make(file.synced, change)
    file.unsynced = []
  }

  private namesAfterPowerCut(model: Model, random: () => number): ReadonlyMap<string, FileNumber> {
    const names = new Map(this.syncedNames)
    if (model === 'ordered') return names
    for (const fileName of new Set(this.unsyncedNames.map((naming) => naming.name))) {
      const namings = this.unsyncedNames.filter((naming) => naming.name === fileName)
      const there = Math.floor(random() * (namings.length + 1))
      for (const naming of namings.slice(0, there)) name(names, naming)
    }
    return names
  }
}

function name(names: Map<string, FileNumber>, naming: Naming): void {
  if (naming.kind === 'create') names.set(naming.name, naming.file)
  else names.delete(naming.name)
}

function make(image: FileImage, change: Change): void {
  if (change.kind === 'write') image.write(change.offset, change.data)
  else image.setLength(change.length)
}

function contentAfterPowerCut({ synced, unsynced }: File, model: Model, random: () => number): Buffer {
  if (model === 'ordered') return synced.content()
  const image = synced.copy()
  const changes = model === 'torn' ? unsynced.flatMap(sectorsOf) : unsynced
  const share = SHARES[Math.floor(random() * SHARES.length)] ?? 0
  for (const change of shuffled(changes, random)) if (random() < share) make(image, change)
  if (model === 'torn') for (const change of unsynced) if (random() < 0.5) lengthenFor(image, change)
  return image.content()
}

/** The length that a write gave a file may be there without what was written. */
function lengthenFor(image: FileImage, change: Change): void {
  if (change.kind === 'write') image.lengthen(change.offset + change.data.length)
}

/** A write as one for each sector of the disk that it touches. */
function sectorsOf(change: Change): readonly Change[] {
  if (change.kind !== 'write') return [change]
  const { data, offset } = change
  const sectors: Change[] = []
  for (let at = offset; at < offset + data.length; ) {
    const end = Math.min((Math.floor(at / SECTOR) + 1) * SECTOR, offset + data.length)
    sectors.push({ ...change, offset: at, data: data.subarray(at - offset, end - offset) })
    at = end
  }
  return sectors
}
