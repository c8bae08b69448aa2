import { describe, expect, it } from 'vitest'
import { readText } from '../../../src/client/wire/read-text'

const answerOf = (text: string) => ({ status: 200, headers: new Headers(), text: async () => text })

describe('readText', () => {
  it('reads up to its limit, in parts or at once, by bytes', async () => {
    for (const answer of [new Response('käse'), answerOf('käse')]) expect(await readText(answer, 5)).toBe('käse')
    for (const answer of [new Response('käse'), answerOf('käse')]) expect(await readText(answer, 4)).toBeUndefined()
    expect(await readText(new Response(null), 4)).toBe('')
  })

  it('puts characters together that arrive in parts', async () => {
    const bytes = [...Buffer.from('a€z')].map((byte) => Uint8Array.of(byte))
    expect(await readText({ ...answerOf(''), body: ReadableStream.from(bytes) }, 10)).toBe('a€z')
  })

  it('ends a page without end', async () => {
    let sent = 0
    let ended = false
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_000
        controller.enqueue(new Uint8Array(1_000))
      },
      cancel() {
        ended = true
      },
    })
    expect(await readText({ ...answerOf(''), body: endless }, 10_000)).toBeUndefined()
    expect(sent).toBeLessThan(20_000)
    expect(ended).toBe(true)
  })
})
