import type { FetchAnswer } from './fetch'

/**
 * Reads the text of an answer. When the body can be read in parts, as in every `Response`, no more than `maxBytes` are ever
 * held, so that a page without end does not fill the app's memory.
 *
 * @returns undefined when the text is longer than `maxBytes`, in UTF-8 and unpacked
 */
export async function readText(answer: FetchAnswer, maxBytes: number): Promise<string | undefined> {
  if (!isReadableInParts(answer.body)) {
    const text = await answer.text()
    return Buffer.byteLength(text) > maxBytes ? undefined : text
  }
  const parts: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop ends the download.
  for await (const part of answer.body) {
    bytes += part.byteLength
    if (bytes > maxBytes) return undefined
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}

function isReadableInParts(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}
