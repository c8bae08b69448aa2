import { createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Computer } from './computer'
import type { Time } from './time'

interface Claims {
  readonly iat: number
  readonly exp: number
  readonly license: { readonly graceSeconds: number; readonly refreshAfter: number }
}

/** Beside the kit's own files, so that it goes wherever they are copied to. */
const OWN_FILE = 'believed.jwt'

/**
 * The control: an app that keeps its license token, and believes whatever has a good signature and dates by the wall clock. It
 * asks nobody whose token that is, what time it was before, or whether the license was revoked.
 */
export async function startCarelessly(computer: Computer, { now }: Time): Promise<boolean> {
  const wall = (now + computer.clockAhead) / 1000
  const isGood = (claims: Claims | undefined) => claims !== undefined && wall < claims.exp + claims.license.graceSeconds
  const found = believe(computer)
  if (isGood(found) && wall < (found?.license.refreshAfter ?? 0) - 86_400) return true
  if (computer.network !== 'offline') await computer.open().refresh()
  return isGood(believe(computer))
}

function believe(computer: Computer): Claims | undefined {
  const folder = computer.folderOf('owner')
  const kept = tokenIn(join(folder, OWN_FILE), (text) => text)
  const stored = tokenIn(join(folder, 'license.json'), (text) => JSON.parse(text).licenseToken)
  const genuine = [kept, stored]
    .map((token) => ({ token, claims: token === undefined ? undefined : claimsOf(token, computer) }))
    .filter(({ claims }) => claims !== undefined)
    .sort((a, b) => (b.claims?.iat ?? 0) - (a.claims?.iat ?? 0))
  const [newest] = genuine
  if (newest?.token !== undefined && newest.token !== kept) writeFileSync(join(folder, OWN_FILE), newest.token)
  return newest?.claims
}

function tokenIn(file: string, find: (text: string) => unknown): string | undefined {
  try {
    const found = find(readFileSync(file, 'utf8'))
    return typeof found === 'string' ? found : undefined
  } catch {
    return undefined
  }
}

const verified = new Map<string, Claims>()

function claimsOf(token: string, { release }: Computer): Claims | undefined {
  const known = verified.get(token)
  if (known !== undefined) return known
  const [header = '', payload = '', signature = ''] = token.split('.')
  const signed = Buffer.from(`${header}.${payload}`)
  const isGenuine = release.trustedKeys.some((key) =>
    verify(null, signed, createPublicKey({ key: { ...key }, format: 'jwk' }), Buffer.from(signature, 'base64url')),
  )
  if (!isGenuine) return undefined
  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  verified.set(token, claims)
  return claims
}
