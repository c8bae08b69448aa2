/** JSON that poses as something else to code which asks no further: as a list, a promise, a number … */
const OBJECTS = [
  '{"length":{"toString":1}}',
  '{"size":{"toString":1}}',
  '{"length":-1}',
  '{"length":1e9}',
  '{"length":null}',
  '{"toString":1}',
  '{"valueOf":1}',
  '{"toString":1,"valueOf":1}',
  '{"toJSON":1}',
  '{"then":1}',
  '{"constructor":1}',
  '{"constructor":{"name":1,"prototype":1}}',
  '{"hasOwnProperty":1}',
  '{"__proto__":{}}',
  '{"__proto__":{"toString":1}}',
  '{"__proto__":null}',
]

/** Names that every object of JavaScript knows something under. */
const NAMES = ['"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"']

/** What no number, no text and no list should be like. */
const EXTREMES = [
  '1e400',
  '-1e400',
  '-0',
  '5e-324',
  '9007199254740993',
  '9'.repeat(400),
  `"${'9'.repeat(400)}"`,
  '"\\ud800"',
  '"a\\u0000b"',
  `"${'x'.repeat(2000)}"`,
]

const LISTS = [
  ...OBJECTS.slice(0, 8).map((value) => `[${value}]`),
  `[${OBJECTS.join()}]`,
  `[${EXTREMES.join()}]`,
  `[${NAMES.join()}]`,
  '[[[]]]',
  '[null]',
]

/** JSON, as text, that has made code throw which should have refused it. */
export const HOSTILE_JSON: readonly string[] = [...OBJECTS, ...NAMES, ...EXTREMES, ...LISTS]

/** As deep as a body can be. Query strings have no room for it. */
export const DEEP_JSON: readonly string[] = [
  `${'['.repeat(40_000)}${']'.repeat(40_000)}`,
  `${'{"a":'.repeat(12_000)}1${'}'.repeat(12_000)}`,
]

/** Property names that JavaScript knows by itself. */
export const PROPERTY_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'then']
