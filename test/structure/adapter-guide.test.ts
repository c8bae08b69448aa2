import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { GUIDE, withTables } from '../testing/verdict-table'

const SCRIPTS = fileURLToPath(new URL('../../examples/redis-storage/lua/', import.meta.url))

describe('the guide for adapter authors', () => {
  const guide = readFileSync(GUIDE, 'utf8')

  it('has the tables of the kit as it is now; `npx tsx test/testing/verdict-table.ts` writes them', () => {
    expect(guide).toBe(withTables(guide))
  })

  it('shows the Redis example as it is', () => {
    const scripts = readdirSync(SCRIPTS, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.lua'))
      .map((name) => readFileSync(`${SCRIPTS}${name}`, 'utf8'))
    const shown = [...guide.matchAll(/^```lua\n(.*?)^```/gms)].map(([, code = '']) => code)
    expect(shown.length).toBeGreaterThan(1)
    expect(shown.filter((code) => !scripts.some((script) => script.includes(code)))).toEqual([])
  })
})
