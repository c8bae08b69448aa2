/** Reads what strace wrote down, and keeps what concerns one folder. */
import { createReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Event, FileNumber } from './events'

interface Call {
  readonly name: string
  /** As in the log: strings in hexadecimal. */
  readonly args: string
  readonly result: number
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/s
/** A number and the path it stands for. */
const DESCRIPTOR = /^\d+<([^>]*)>(\(deleted\))?/
const STRING = /"([^"]*)"(\.\.\.)?/
const WRITTEN = new RegExp(`${DESCRIPTOR.source}, ${STRING.source}, \\d+(?:, (\\d+))?$`, 's')

/** @throws where the log has a call that changes a file of the folder in a way nobody foresaw */
export async function readLog(log: string, folder: string): Promise<readonly Event[]> {
  const events: Event[] = []
  const reader = new EventReader(folder)
  for await (const call of callsIn(log)) {
    const event = reader.read(call)
    if (event !== undefined) events.push(event)
  }
  return events
}

/** Calls in the order of their ends: a sync that has not ended counts for nothing. */
async function* callsIn(log: string): AsyncGenerator<Call> {
  const begun = new Map<string, string>()
  for await (const line of createInterface({ input: createReadStream(log, 'latin1') })) {
    const space = line.indexOf(' ')
    const process = line.slice(0, space)
    let text = line.slice(space).trimStart()
    if (text.endsWith('<unfinished ...>')) {
      begun.set(process, text.slice(0, -'<unfinished ...>'.length).trimEnd())
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text)
    if (resumed !== null) text = `${begun.get(process) ?? ''}${text.slice(resumed[0].length)}`
    const [, name = '', args = '', result] = CALL.exec(text) ?? []
    if (result !== undefined && Number(result) >= 0) yield { name, args, result: Number(result) }
  }
}

/** Makes an event of a call that is one. */
class EventReader {
  private readonly files = new Map<string, FileNumber>()
  private fileCount = 0

  constructor(private readonly folder: string) {}

  /** @throws for a call that nobody foresaw */
  read(call: Call): Event | undefined {
    const { name, args } = call
    if (name === 'openat' || name === 'open' || name === 'creat') return this.made(call)
    if (name === 'unlink' || name === 'unlinkat') return this.unlinked(call)
    if (name === 'write' || name === 'pwrite64') return this.written(call)
    const path = pathIn(args)
    if (name === 'fsync' && path === this.folder) return { kind: 'sync folder' }
    if (path === undefined || !this.concerns(path)) return undefined
    if (name === 'ftruncate') {
      return { kind: 'truncate', file: this.fileAt(path), length: Number(/, (\d+)$/.exec(args)?.[1]) }
    }
    if (name === 'fsync' || name === 'fdatasync') return { kind: 'sync', file: this.fileAt(path) }
    if (name === 'mmap' && !args.includes('MAP_SHARED')) return undefined
    throw new Error(`Not foreseen: ${name} of ${path}`)
  }

  private made({ args }: Call): Event | undefined {
    const path = textOf(args)
    const name = basename(path)
    if (!this.concerns(path)) return undefined
    if (!this.files.has(name)) {
      this.files.set(name, ++this.fileCount)
      return { kind: 'create', name, file: this.fileCount }
    }
    if (args.includes('O_TRUNC')) throw new Error(`Not foreseen: ${path} is emptied by opening it`)
    return undefined
  }

  private unlinked({ args }: Call): Event | undefined {
    const path = textOf(args)
    if (!this.concerns(path)) return undefined
    const file = this.fileAt(path)
    this.files.delete(basename(path))
    return { kind: 'unlink', name: basename(path), file }
  }

  private written({ name, args, result }: Call): Event | undefined {
    if (name === 'write' && args.startsWith('1<')) return promised(textOf(args))
    const [, descriptor = '', isDeleted, hex = '', isCut, offset] = WRITTEN.exec(args) ?? []
    const path = bytesOf(descriptor).toString()
    if (!this.concerns(path) || isDeleted !== undefined) return undefined
    const data = bytesOf(hex).subarray(0, result)
    if (isCut !== undefined || offset === undefined || data.length !== result) {
      throw new Error(`Not foreseen: ${name} of ${result} bytes to ${path}`)
    }
    return { kind: 'write', file: this.fileAt(path), offset: Number(offset), data }
  }

  /** SQLite makes the index of its write-ahead log (`-shm`) anew after a power cut: it is no file that must last. */
  private concerns(path: string): boolean {
    return dirname(path) === this.folder && !path.endsWith('-shm')
  }

  private fileAt(path: string): FileNumber {
    const file = this.files.get(basename(path))
    if (file === undefined) throw new Error(`The log does not tell how ${path} was made`)
    return file
  }
}

function promised(text: string): Event | undefined {
  const numbers = /^promised ([\d ]+)\n$/.exec(text)?.[1]
  return numbers === undefined ? undefined : { kind: 'promise', sets: numbers.split(' ').map(Number) }
}

/** The path that the first file descriptor, or else the first string, stands for. */
function pathIn(args: string): string | undefined {
  const hex = /\d<([^>]*)>/.exec(args)?.[1] ?? STRING.exec(args)?.[1]
  return hex === undefined ? undefined : bytesOf(hex).toString()
}

function textOf(args: string): string {
  return bytesOf(STRING.exec(args)?.[1] ?? '').toString()
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}
