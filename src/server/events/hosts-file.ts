import type { LookupAddress } from 'node:dns'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'

/** Names, in lower case, and where they lead. */
export type Hosts = ReadonlyMap<string, readonly LookupAddress[]>

/** Where the system keeps it. */
export const HOSTS_FILE =
  process.platform === 'win32'
    ? join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts')
    : '/etc/hosts'

/** What a hosts file says; empty where it cannot be read. Reads it again only where it has changed. */
export function createHostsReader(file: string): () => Hosts {
  let known = ''
  let hosts: Hosts = new Map()
  return () => {
    try {
      // In this thread: those of the pool may all be waiting for somebody's name server.
      const { mtimeMs, size } = statSync(file)
      const version = `${mtimeMs} ${size}`
      if (version !== known) hosts = parseHosts(readFileSync(file, 'utf8'))
      known = version
    } catch {
      known = ''
      hosts = new Map()
    }
    return hosts
  }
}

function parseHosts(text: string): Hosts {
  const hosts = new Map<string, LookupAddress[]>()
  for (const line of text.split(/\r?\n/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const family = isIP(address)
    for (const name of family === 0 ? [] : names) {
      const key = name.toLowerCase()
      hosts.set(key, [...(hosts.get(key) ?? []), { address, family }])
    }
  }
  return hosts
}
