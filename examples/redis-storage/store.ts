import type { Page, PageRequest, Step, StepResult } from 'keyslot/storage'
import { type Ask, mutationAsk } from './asks'
import type { Connection } from './connection'
import { isUnknownScript } from './failures'
import { objectOf } from './rows'
import { type Family, scriptOf } from './scripts'

/** An outcome as the scripts give it. */
type Answer = { readonly kind: string } & Readonly<Record<string, unknown>>

/** Runs verbs: each is one script, which Redis runs alone from beginning to end. */
export class Store {
  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {}

  /** A mutating verb. The caller may change what it handed in as soon as this returns. */
  mutate<O extends { readonly kind: string }>(
    family: Family,
    verb: string,
    accountId: string,
    step: Step<string>,
    ask: Ask,
  ): StepResult<O> {
    return this.ask<O>(family, verb, mutationAsk(accountId, step, ask))
  }

  /** Any other verb that answers with an outcome. What `O` promises the script must keep. */
  async ask<O extends { readonly kind: string }>(family: Family, verb: string, ask: Ask): Promise<O> {
    return (await this.run(family, verb, ask)) as unknown as O
  }

  /** A verb that finds one row or none. */
  async find<T>(family: Family, verb: string, ask: Ask): Promise<T | null> {
    return (await this.run(family, verb, ask)).row as T | null
  }

  /** A verb that finds some. */
  async findAll<T>(family: Family, verb: string, ask: Ask): Promise<readonly T[]> {
    return (await this.run(family, verb, ask)).items as readonly T[]
  }

  /** A verb that finds a stretch of a list. */
  async page<T>(family: Family, verb: string, { limit, offset = 0 }: PageRequest, ask: Ask): Promise<Page<T>> {
    const { items, total } = await this.run(family, verb, { ...ask, page: { limit, offset } })
    return { items, total } as Page<T>
  }

  private run(family: Family, verb: string, ask: Ask): Promise<Answer> {
    const told = JSON.stringify(ask)
    return this.connection.keepOpen(async () => {
      const { sha, source } = scriptOf(family)
      const rest = ['1', this.prefix, verb, told]
      const reply = await this.connection.send('EVALSHA', sha, ...rest).catch((error: unknown) => {
        // The first call since the server started, or since its scripts were flushed.
        if (!isUnknownScript(error)) throw error
        return this.connection.send('EVAL', source, ...rest)
      })
      const [kind, ...properties] = typeof reply === 'string' ? [] : reply
      return { kind: String(kind), ...objectOf(properties) }
    })
  }
}
