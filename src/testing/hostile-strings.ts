/** What databases, encodings and quoting have tripped over. */
export const HOSTILE_STRINGS: readonly string[] = [
  '',
  ' outer white space\t\r\n',
  'null',
  '__proto__',
  'constructor',
  `'"\`; DROP TABLE licenses; --`,
  '%_\\%\\\\0',
  '$1 {{name}} ? :name @name',
  '<script>alert(1)</script>',
  'e\u0301 is not \u00e9',
  '👩🏽‍🚀𝔘𝔫𝔦𝔠𝔬𝔡𝔢🏴‍☠️',
  '\u202eright to left\u202c אבג ابج',
  '\ufeffmark, \u2028separator, \u0085next line, \u0001control',
  'x'.repeat(100_000),
]
