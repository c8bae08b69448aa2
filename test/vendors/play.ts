import { createHmac } from 'node:crypto'
import { CIPHERS, swift } from '../server/http/authtool-app'
import type { Exchange, Shop, Stumble, VendorClient } from './exchange'
import { differences } from './shape'

type Kept = Record<string, unknown>

/**
 * Plays a client's exchanges against a server.
 * @param url where its router is
 * @returns where the client would stumble; an exchange that keeps what never came stumbles, too
 */
export async function play(client: VendorClient, url: string, shop: Shop): Promise<Stumble[]> {
  const kept: Kept = { ...shop }
  const stumbles: Stumble[] = []
  for (const exchange of client.exchanges) {
    const { status, body } = await send(url, exchange, kept)
    const found = [
      ...differences({ status: exchange.status }, { status }),
      ...differences(filled(exchange.answer, kept), body),
    ]
    stumbles.push(
      ...found.map((one) => ({ client: client.name, versions: client.versions, call: exchange.call, ...one })),
    )
    for (const [name, place] of Object.entries(exchange.keep ?? {})) kept[name] = at(body, place)
  }
  return stumbles
}

/** A stumble on one line. */
export function told({ client, versions, call, place, expected, came }: Stumble): string {
  return `${client}, ${versions}, ${call}, ${place}: expected ${expected}, came ${came}`
}

async function send(url: string, { method, path, headers, body, sealed }: Exchange, kept: Kept) {
  const values = { ...kept, signature: signatureOf(kept) }
  const response = await fetch(url + filled(path, values), {
    method,
    headers: filled(headers, values),
    ...(body !== undefined && { body: JSON.stringify(inData(filled(body, values), (data) => seal(sealed, data))) }),
  })
  const text = await response.text()
  const answer = text === '' ? undefined : (JSON.parse(text) as unknown)
  return { status: response.status, body: sealed === undefined ? answer : inData(answer, (data) => open(sealed, data)) }
}

/** The body with its `data`, if it has one, changed. */
function inData(body: unknown, change: (data: unknown) => unknown): unknown {
  return typeof body === 'object' && body !== null && 'data' in body ? { ...body, data: change(body.data) } : body
}

function seal(sealed: Exchange['sealed'], data: unknown): unknown {
  return sealed === undefined ? data : cipherOf(sealed).seal(JSON.stringify(data))
}

/** What cannot be opened stays as it came. */
function open(sealed: NonNullable<Exchange['sealed']>, data: unknown): unknown {
  try {
    return JSON.parse(cipherOf(sealed).open(String(data)))
  } catch {
    return data
  }
}

function cipherOf(sealed: NonNullable<Exchange['sealed']>) {
  return CIPHERS.find(({ mode }) => mode === sealed)?.cipher ?? swift
}

/** What a holder of a seat shows: that it has the secret. */
function signatureOf({ sessionSecret, sessionId, nextNonce }: Kept): string {
  return createHmac('sha256', String(sessionSecret)).update(`${sessionId}:${nextNonce}`).digest('hex')
}

/**
 * The value with each `{name}` in its strings replaced by what was kept under that name. A string that is nothing else
 * becomes the kept value itself, which may be a number.
 */
function filled<T>(value: T, kept: Kept): T {
  const text = JSON.stringify(value).replace(/"\{(\w+)\}"|\{(\w+)\}/g, (_, whole?: string, part?: string) =>
    whole === undefined ? JSON.stringify(String(of(kept, part))).slice(1, -1) : JSON.stringify(of(kept, whole)),
  )
  return JSON.parse(text) as T
}

function of(kept: Kept, name = ''): unknown {
  if (!(name in kept)) throw new TypeError(`no exchange has kept {${name}}`)
  return kept[name]
}

function at(body: unknown, place: string): unknown {
  return place.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], body)
}
