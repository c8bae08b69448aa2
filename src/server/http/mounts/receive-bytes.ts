import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { bodyTooLarge, notJson, unsupportedBody } from '../read-body'

const UNPACKERS = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress }

/**
 * The body of a message, unpacked.
 * @param limit in bytes, unpacked
 * @throws {LicenseError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, or INVALID_REQUEST where it breaks off or does not unpack
 */
export function receiveBytes(message: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = (message.headers['content-encoding'] || 'identity').toLowerCase()
  if (encoding !== 'identity' && !isUnpackable(encoding)) return Promise.reject(unsupportedBody())
  // Whoever has gone before: no event of this message is still to come.
  if (message.destroyed) return Promise.reject(notJson())
  return collect(message, encoding === 'identity' ? message : message.pipe(UNPACKERS[encoding]()), limit)
}

function isUnpackable(encoding: string): encoding is keyof typeof UNPACKERS {
  return Object.hasOwn(UNPACKERS, encoding)
}

/** @param unpacked the message itself, or what it is piped into */
function collect(message: IncomingMessage, unpacked: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0

    /** What is still to come is let run out, so that the connection can carry the answer; none of it is unpacked. */
    function give(up: Error): void {
      unpacked.removeListener('data', keep)
      if (unpacked !== message) unpacked.destroy()
      message.unpipe()
      message.resume()
      reject(up)
    }

    /** A host app may have given the message an encoding. */
    function keep(piece: Buffer | string): void {
      const chunk = typeof piece === 'string' ? Buffer.from(piece, unpacked.readableEncoding ?? 'utf8') : piece
      length += chunk.length
      if (length > limit) give(bodyTooLarge())
      else chunks.push(chunk)
    }

    unpacked.on('data', keep)
    unpacked.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    unpacked.on('error', () => give(notJson()))
    message.on('error', () => give(notJson()))
    message.on('close', () => message.complete || give(notJson()))
  })
}
