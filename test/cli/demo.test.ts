import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createNarrator, expectSame } from '../../src/cli/demo/narrator'
import { keyslot } from './keyslot-process'

interface DemoJson {
  readonly ok: boolean
  readonly steps: readonly { readonly ok: boolean; readonly told: readonly string[] }[]
}

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('keyslot-demo-'))

describe('keyslot demo', () => {
  it('goes through the life of a license and leaves nothing behind', async () => {
    const before = leftovers()
    const { code, stdout, stderr } = await keyslot('demo', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { ok, steps } = JSON.parse(stdout) as DemoJson
    expect(ok).toBe(true)
    expect(steps).toHaveLength(16)
    const told = steps.flatMap((step) => step.told).join('\n')
    const words = ['h1.', 'source: ', 'valid: ', 'clock-tampered: ', 'wrong-host: ', 'untrusted: ', 'freed: ']
    for (const word of [...words, 'queued-offline, exit code 0', '0 of 1 slots', 'keyslot sign', '1 of 1 slots']) {
      expect(told).toContain(word)
    }
    expect(leftovers().filter((name) => !before.includes(name))).toEqual([])
  })

  it('stops at a step that is not as it should be, and says which', async () => {
    const narrator = createNarrator(true)
    await narrator.step('Go well', async (tell) => tell('fine'))
    const failing = narrator.step('Go wrong', async () => expectSame('the slots taken', 2, 1))
    await expect(failing).rejects.toThrow(
      'step 2 (Go wrong) is not as it should be: the slots taken should be 1, but is 2',
    )
    expect(narrator.reports.map(({ ok }) => ok)).toEqual([true, false])
  })
})
