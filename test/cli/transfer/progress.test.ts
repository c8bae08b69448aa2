import { describe, expect, it } from 'vitest'
import { createProgress } from '../../../src/cli/transfer/progress'

function streamOf(terminal: boolean, columns = 80) {
  let text = ''
  const write = (chunk: string) => {
    text += chunk
  }
  return { stream: { write, isTTY: terminal, columns }, text: () => text }
}

describe('createProgress', () => {
  it('draws a bar over itself on a terminal, no wider than it, and takes it away', () => {
    const { stream, text } = streamOf(true, 50)
    let now = 0
    const progress = createProgress(200, { stream, now: () => now })
    progress.update(50, 'license')
    now = 50
    progress.update(60, 'too soon to be drawn')
    now = 200
    progress.update(300, `license ${'x'.repeat(100)}`)
    progress.end()
    const [empty, first = '', second = '', gone] = text().split('\r')
    expect(empty).toBe('')
    expect(first).toBe('[########......................]  25% license\u001b[K')
    expect(second.replace('\u001b[K', '')).toHaveLength(49)
    expect(second).toContain('100% license')
    expect(gone).toBe('\u001b[K')
  })

  it('writes a line now and then elsewhere', () => {
    const { stream, text } = streamOf(false)
    let now = 0
    const progress = createProgress(200, { stream, now: () => now })
    progress.update(10, 'too soon')
    now = 10_000
    progress.update(100, 'license')
    progress.end()
    expect(text()).toBe(' 50% license\n')
  })
})
