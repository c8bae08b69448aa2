import type { VendorClient } from './exchange'
import type { LastSeen } from './last-seen'

export const PAGE = new URL('../../docs/vendor-clients.md', import.meta.url)

const INTRODUCTION = `# Clients of other vendors

Programs written for KeyMint or AuthTool work with a keyslot server once their base URL is changed. At every change, the requests of these clients are
sent to a real server over HTTP, and each answer is held against what the client reads of it: \`npm run test:vendors\`. Where an answer
changes, that tells client, version, call, field, what was expected and what came.

**Nothing here was recorded from a vendor's service, and none was contacted.** Requests and shapes of answers were written by hand from the vendors'
public documents and the published sources of their clients. A client that differs from those, or a version that is not named, may need more.

Written from \`test/vendors\`: \`npm run write:vendors-page\` sends everything once more, and dates each client that works. Another client is a file in
\`test/vendors/clients\` and a line in its \`index.ts\`.
`

/** The page of the documents that tells which clients work. */
export function vendorsPage(clients: readonly VendorClient[], seen: LastSeen): string {
  const rows = clients.map(({ id, name, versions, source, exchanges }) =>
    row(name, versions, String(exchanges.length), seen[id] ?? 'never', source),
  )
  const table = [
    row('client', 'versions', 'requests', 'last seen to work', 'written from'),
    row('---', '---', '---', '---', '---'),
    ...rows,
  ]
  const sections = [...grouped(clients)].map(([calls, same]) => `## ${same.map(nameOf).join(' · ')}\n\n${calls}`)
  return `${[INTRODUCTION.trimEnd(), table.join('\n'), ...sections].join('\n\n')}\n`
}

/** The clients by their table of calls: most send the same. */
function grouped(clients: readonly VendorClient[]): Map<string, VendorClient[]> {
  const groups = new Map<string, VendorClient[]>()
  for (const client of clients) {
    const calls = callsOf(client)
    groups.set(calls, [...(groups.get(calls) ?? []), client])
  }
  return groups
}

function callsOf({ exchanges }: VendorClient): string {
  const rows = exchanges.map(({ call, method, path, status }) =>
    row(call, `\`${method} ${path.replace(/\?.*/, '')}\``, String(status)),
  )
  return [row('call', 'request', 'answer'), row('---', '---', '---'), ...rows].join('\n')
}

function nameOf({ name, versions }: VendorClient): string {
  return `${name}, ${versions}`
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
