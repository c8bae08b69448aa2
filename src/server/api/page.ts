import { withoutUndefined } from '../../domain/fields'
import * as inputs from '../../protocol/schemas/in-process'
import { parserOf } from '../../protocol/schemas/parse-input'
import type { PageRequest } from '../../storage/verbs/store'

const parse = parserOf<PageRequest>()(inputs.pageRequest)

/**
 * Which stretch of a list is asked for.
 * @throws {LicenseError} MISSING_PARAMS or INVALID_REQUEST, naming the field, where it is none that storage can answer
 */
export function parsePage(page: PageRequest): PageRequest {
  return withoutUndefined(parse(page))
}
