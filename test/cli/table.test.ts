import { describe, expect, it } from 'vitest'
import { cell, formatFields, formatTable } from '../../src/cli/table'

describe('tables', () => {
  it('aligns columns under their headings, without trailing space', () => {
    const rows = [
      ['1', 'Editor', 'active'],
      ['12', 'Ünïcödé', '-'],
    ]
    expect(formatTable(['ID', 'NAME', 'STATUS'], rows)).toBe(
      ['ID  NAME     STATUS', '1   Editor   active', '12  Ünïcödé  -'].join('\n'),
    )
    expect(
      formatFields([
        ['Product', 'x'],
        ['Id', 'y'],
      ]),
    ).toBe('Product  x\nId       y')
  })

  it('never passes on what could move the cursor, fake a line or turn the text around', () => {
    expect(cell('\u001b[2Jlaptop\r\nADMIN\u0007\u009b31m')).toBe('�[2Jlaptop��ADMIN��31m')
    expect(cell('a\u202egpj.exe\u2028b')).toBe('a�gpj.exe�b')
    expect(cell("Ada's 💻")).toBe("Ada's 💻")
  })

  it('shows what is not there as a dash, instants to the second', () => {
    expect([null, undefined, ''].map(cell)).toEqual(['-', '-', '-'])
    expect(cell(0)).toBe('0')
    expect(cell(new Date('2026-06-15T12:00:00.123Z'))).toBe('2026-06-15 12:00:00Z')
  })
})
