import { setImmediate } from 'node:timers/promises'
import type { Entities, EntityName } from '../../domain/decision'
import { type Looked, lookFor } from './facts'
import type { FoundPage, PageRequest, WalkRequest } from './outcomes'
import { pageFrom, pageQuery } from './pages'
import { type Keeping, look } from './run-step'

/** How many rows are read at once to find those that are meant: few enough that the event loop is not held up. */
const AT_ONCE = 500

/**
 * A stretch of a list. Where not all of the list is meant, all of it is looked at, a page after the other: nothing tells
 * beforehand how many are. Then each page is of an instant of its own.
 */
export async function sift<K extends EntityName>(
  keeping: Keeping,
  of: K,
  list: Pick<Looked, 'by' | 'equal' | 'descending'>,
  isMeant: ((entity: Entities[K]) => boolean) | undefined,
  page: PageRequest | WalkRequest,
): Promise<FoundPage<Entities[K]>> {
  const read = (asked: PageRequest | WalkRequest) => {
    const { by = '', equal, descending = false } = list
    const query = pageQuery(by, equal, asked, { descending })
    return look(keeping, [lookFor(of, query)], ([found], facts) => pageFrom(of, found, facts, { query, page: asked }))
  }
  if (isMeant === undefined) return read(page)
  if ('after' in page) {
    const found = await read(page)
    return { ...found, items: found.items.filter(isMeant) }
  }
  const meant: Entities[K][] = []
  let after: WalkRequest['after'] | undefined = []
  while (after !== undefined) {
    const { items, end }: FoundPage<Entities[K]> = await read({ limit: AT_ONCE, after })
    meant.push(...items.filter(isMeant))
    after = end
    if (after !== undefined) await setImmediate()
  }
  const { limit, offset = 0 } = page
  return { items: meant.slice(offset, offset + limit), total: meant.length }
}
