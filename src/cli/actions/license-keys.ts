import type { HostKey } from '../../domain/host-keys'
import type { StoreOptions } from '../commands/store-options'
import { readStore, withStore } from '../open-store'
import { print, printJson } from '../output'
import { cell, formatTable } from '../table'

const HEADINGS = ['HOST', 'KEY', 'STATE', 'SINCE', 'LAST SEEN', 'TOKENS END']

export interface ListKeysOptions extends StoreOptions {
  readonly hostId?: string
}

/** Shows the keys of a license's hosts. */
export function listKeys(licenseKey: string, { hostId: only, json, ...options }: ListKeysOptions): Promise<void> {
  return readStore(options, async ({ licensing }) => {
    const { activations } = await licensing.licenses.get(licenseKey)
    const keys = activations
      .filter(({ hostId }) => only === undefined || hostId === only)
      .flatMap(({ hostId, keys }) => keys.map((key) => ({ hostId, ...key })))
    if (json) printJson({ keys })
    else if (keys.length === 0) print('No host of this license has shown a key.')
    else print(formatTable(HEADINGS, keys.map(toRow)))
  })
}

export interface DropKeyOptions extends StoreOptions {
  readonly hostId: string
  readonly key: string
}

/** Drops a user of a host. */
export function dropKey(licenseKey: string, { hostId, key, json, ...options }: DropKeyOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    const { license } = await licensing.licenses.get(licenseKey)
    // Any of its products names the license.
    const [productId = ''] = license.productIds
    await licensing.licenses.dropKey(licenseKey, { productId, hostId, key })
    if (json) printJson({ hostId, key, dropped: true })
    else print(`The user with key ${cell(key)} is dropped from host ${cell(hostId)}.`)
  })
}

function toRow({ hostId, thumbprint, boundAt, usedAt, tokensEndAt, ...key }: HostKey & { readonly hostId: string }) {
  return [cell(hostId), cell(thumbprint), stateOf(key), cell(boundAt), cell(usedAt), cell(tokensEndAt)]
}

function stateOf({ droppedAt, leftAt, until }: Pick<HostKey, 'droppedAt' | 'leftAt' | 'until'>): string {
  if (droppedAt !== null) return 'dropped'
  if (leftAt !== null) return 'left'
  return until === null ? 'user' : 'one too many'
}
