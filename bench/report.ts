import { readFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'

/** The machine and the versions of what was measured on it. */
export async function conditions(packages: readonly string[]): Promise<string> {
  const cpu = cpus()
  const machine = `${cpu.length} × ${cpu[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  return `${machine}\n${(await Promise.all(packages.map(installedVersion))).join(', ')}`
}

async function installedVersion(name: string): Promise<string> {
  const manifest = await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return `${name} ${(JSON.parse(manifest) as { version: string }).version}`
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

export function whole(count: number): string {
  return Math.round(count).toLocaleString('en')
}
