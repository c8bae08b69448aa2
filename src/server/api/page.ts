import { withoutUndefined } from '../../domain/fields'
import * as inputs from '../../protocol/schemas/in-process'
import { parserOf } from '../../protocol/schemas/parse-input'
import type { FoundPage, PageRequest, WalkRequest } from '../../storage/verbs/store'

/** Which stretch of a list is asked for. */
export interface PageOptions {
  /** At most this many items. Default 100. */
  readonly limit?: number
  /** Items to leave out before the first. Default 0. */
  readonly offset?: number
}

const DEFAULT_LIMIT = 100
/** How many items {@link each} reads at once. */
const AT_ONCE = 500

const parse = parserOf<PageOptions>()(inputs.pageRequest)

/**
 * Which stretch of a list is asked for; the first hundred where nothing is said.
 * @throws {LicenseError} INVALID_REQUEST, naming the field, where it is none that storage can answer
 */
export function parsePage(page: PageOptions | undefined): PageRequest {
  return { limit: DEFAULT_LIMIT, ...withoutUndefined(parse(page)) }
}

/** Every item of a list, read as it is walked. What is deleted or made meanwhile makes the walk miss no other. */
export async function* each<T>(list: (page: WalkRequest) => Promise<FoundPage<T>>): AsyncGenerator<T, void, undefined> {
  let after: WalkRequest['after'] | undefined = []
  while (after !== undefined) {
    const { items, end }: FoundPage<T> = await list({ limit: AT_ONCE, after })
    yield* items
    after = end
  }
}
