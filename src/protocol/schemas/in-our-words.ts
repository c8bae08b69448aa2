import type * as z from 'zod'

const NOT_AS_IT_SHOULD_BE = 'is not as it should be'

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a valid Date',
}

/**
 * What is wrong with a value, where its schema says nothing of its own: the validator's words change with its versions and name
 * types that a caller does not think in. Never the value.
 */
export function inOurWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected in TYPES ? `must be ${TYPES[issue.expected]}` : NOT_AS_IT_SHOULD_BE
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'invalid_format':
      return issue.format === 'url' ? 'must be a URL' : NOT_AS_IT_SHOULD_BE
    case 'too_small':
      if (issue.minimum === 1 && issue.origin !== 'number') return 'must not be empty'
      return `must ${inUnits('at least', issue.minimum, issue.origin)}`
    case 'too_big':
      return `must ${inUnits('at most', issue.maximum, issue.origin)}`
    default:
      return NOT_AS_IT_SHOULD_BE
  }
}

function inUnits(bound: string, count: number | bigint, origin: string): string {
  if (origin === 'string') return `have ${bound} ${count} characters`
  if (origin === 'array') return `have ${bound} ${count} entries`
  return `be ${bound} ${count}`
}
