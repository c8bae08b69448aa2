import { describe, expect, it } from 'vitest'
import { canonicalEmail, customerName } from '../../src/domain/customer'
import { carryEmail, carryName } from '../../src/protocol/person-text'

describe('an email', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada@Example.COM\n', 'ada@example.com'],
    ['jörg@example.de', 'jörg@example.de'],
    ['JO\u0308RG@example.de', 'jörg@example.de'],
    ['søren@example.dk', 'søren@example.dk'],
    ['a..b@docomo.ne.jp', 'a..b@docomo.ne.jp'],
    ['用户@例子.中国', '用户@例子.中国'],
    ['admin@intranet', 'admin@intranet'],
    [`${'a'.repeat(242)}@example.com`, `${'a'.repeat(242)}@example.com`],
  ])('%j is one, compared as %j', (given, canonical) => {
    expect(canonicalEmail(given)).toBe(canonical)
  })

  it('is another one in letters that only look alike: the control of NFKC, which merges people', () => {
    for (const lookalike of ['ａｄａ@example.com', 'ªda@example.com']) {
      expect(lookalike.normalize('NFKC')).toBe('ada@example.com')
      expect(canonicalEmail(lookalike)).toBe(lookalike)
    }
  })

  it.each(['', ' ', 'ada', '@', 'ada@', '@example.com', 'a@b@c', 'a b@example.com', 'a\0b@example.com'])(
    '%j is none, and nobody is looked up by it',
    (given) => expect(canonicalEmail(given)).toBeNull(),
  )

  it('is none beyond 254 characters, in the form that is compared too', () => {
    expect(canonicalEmail(`${'a'.repeat(243)}@example.com`)).toBeNull()
    expect(canonicalEmail(`${'İ'.repeat(200)}@example.com`)).toBeNull()
  })

  it.each([
    ['no email', 'no email'],
    ['  two\tat@at@x ', 'two at@at@x'],
    ['half \ud800 a pair', 'half \ufffd a pair'],
    ['', null],
    [' \r\n\0', null],
  ])('%j is kept as %j', (given, kept) => {
    expect(carryEmail(given)).toBe(kept)
    expect(carryEmail(kept ?? '')).toBe(kept)
  })
})

describe('a name', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada\nLovelace\u0085', 'Ada Lovelace'],
    ['Jo\u0308rg', 'Jörg'],
    ['x'.repeat(257), 'x'.repeat(256)],
    ['🔑'.repeat(257), '🔑'.repeat(256)],
    [`${'x'.repeat(255)}🔑!`, `${'x'.repeat(255)}🔑`],
    ['a\ud800', 'a\ufffd'],
  ])('%j is kept as %j', (given, kept) => {
    expect(carryName(given)).toBe(kept)
    expect(carryName(kept)).toBe(kept)
    expect(kept.isWellFormed()).toBe(true)
  })

  it.each([
    ['Ada', 'ada@example.com', 'Ada'],
    ['', 'ada@example.com', 'ada@example.com'],
    [null, 'no email', 'no email'],
    [undefined, null, null],
    [null, '', null],
  ])('%j, with the email %j, is %j', (name, email, called) => expect(customerName(name, email)).toBe(called))

  it('that is a long email is cut', () => {
    expect(customerName(null, 'x'.repeat(300))).toBe('x'.repeat(256))
  })
})
