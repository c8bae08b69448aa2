import { createHash } from 'node:crypto'

/** A statement made of parts, each of which has its own parameters: arrays that may be empty. */
export interface Statement {
  readonly parts: readonly string[]
  readonly text: string
  /** The name under which connections keep it prepared; undefined for a statement that is seldom needed. */
  readonly name: string | undefined
}

/** Each connection keeps so many plans of reads, and of writes. */
const MAX_NAMED = 100
/** A statement that is needed so often is worth a plan that is kept. */
const USES_BEFORE_NAMED = 3
const MAX_SEEN = 1000

/** The statements of one kind: named as they prove to be needed again, up to a bound. */
export class Statements {
  private readonly named = new Map<string, Statement>()
  private readonly seen = new Map<string, number>()

  constructor(private readonly write: (parts: readonly string[]) => string) {}

  /** A statement that has these parts, and others perhaps. */
  with(wanted: Iterable<string>): Statement {
    const parts = [...wanted].sort()
    const signature = parts.join('\n')
    const known = this.named.get(signature)
    if (known !== undefined) return known
    if (this.named.size >= MAX_NAMED) return this.larger(parts) ?? this.unnamed(parts)
    if (!this.isFrequent(signature)) return this.unnamed(parts)
    const text = this.write(parts)
    // Two storages may share a pool: a name says what the text is.
    const name = `keyslot_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`
    const made: Statement = { parts, text, name }
    this.named.set(signature, made)
    return made
  }

  private isFrequent(signature: string): boolean {
    const uses = (this.seen.get(signature) ?? 0) + 1
    if (this.seen.size >= MAX_SEEN) this.seen.clear()
    this.seen.set(signature, uses)
    return uses >= USES_BEFORE_NAMED
  }

  /** The smallest of the named ones that can do it too. */
  private larger(parts: readonly string[]): Statement | undefined {
    let best: Statement | undefined
    for (const one of this.named.values()) {
      if (best !== undefined && one.parts.length >= best.parts.length) continue
      if (parts.every((part) => one.parts.includes(part))) best = one
    }
    return best
  }

  private unnamed(parts: readonly string[]): Statement {
    return { parts, text: this.write(parts), name: undefined }
  }
}
