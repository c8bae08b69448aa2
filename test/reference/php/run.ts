/**
 * Runs the PHP programs of AuthTool's documents, unchanged but for base URL, API key and key, against a real server.
 * Needs `php` with its curl extension: `apt-get install -y php-cli php-curl`, then `npx tsx test/reference/php/run.ts`.
 */
import { strict as assert } from 'node:assert'
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import express from 'express'
import { createKeyring, createLicensing, SCOPES } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'

const DOCUMENTED_BASE_URL = 'https://api.authtool.app'
const DOCUMENTED_API_KEY = 'YOUR_API_KEY'
const DOCUMENTED_KEY = 'KEY1-XXXX-XXXX-XXXX'
const CREATED = /^- (MY-CUSTOM-ALIAS(?:-[A-Z0-9]{4}){5})$/gm

const runFile = promisify(execFile)

/** The program as documented, with each of `replacements` found in it exactly once. */
function adapt(program: 'single-activate' | 'reset', replacements: Readonly<Record<string, string>>): string {
  let source = readFileSync(new URL(`${program}.php`, import.meta.url), 'utf8')
  for (const [documented, ours] of Object.entries(replacements)) {
    assert.equal(source.split(documented).length, 2, `${program}.php holds ${documented} once`)
    source = source.replace(documented, ours)
  }
  return source
}

async function php(source: string): Promise<string> {
  const running = runFile('php', ['-d', 'display_errors=stderr'], { timeout: 30_000 })
  running.child.stdin?.end(source)
  return (await running).stdout
}

function requirePhp(): void {
  const modules = () => execFileSync('php', ['-m'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  let found = ''
  try {
    found = modules()
  } catch {
    // Told below.
  }
  if (/^curl$/m.test(found)) return
  console.error('test/reference/php needs php with its curl extension: apt-get install -y php-cli php-curl')
  process.exit(2)
}

async function startServer() {
  const logger = { warn: () => undefined, error: console.error }
  const licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  // The documented program makes keys for packages 1, 2 and 3.
  for (const name of ['Editor', 'Plugin', 'Server']) await licensing.products.create({ name })
  const access = { name: 'php', kind: 'secret', scopes: SCOPES } as const
  const { token } = await licensing.accessTokens.create(access)
  const stranger = await licensing.createAccount({ name: 'stranger' })
  const foreign = await licensing.forAccount(stranger.id).accessTokens.create(access)
  const server = createServer(express().use('/licensing', licensing.router))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/licensing`,
    token,
    foreignToken: foreign.token,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await licensing.close()
    },
  }
}

async function main(): Promise<void> {
  requirePhp()
  const server = await startServer()
  const create = (apiKey: string, changes: Record<string, string> = {}) =>
    php(adapt('single-activate', { [DOCUMENTED_BASE_URL]: server.baseUrl, [DOCUMENTED_API_KEY]: apiKey, ...changes }))
  const reset = (apiKey: string, key: string) =>
    php(adapt('reset', { [DOCUMENTED_BASE_URL]: server.baseUrl, [DOCUMENTED_API_KEY]: apiKey, [DOCUMENTED_KEY]: key }))
  const failed = (output: string, status: number, message: string) => {
    assert.ok(output.startsWith(`HTTP Code: ${status}\n`), output)
    assert.ok(output.endsWith(`Error: ${message}\n`), output)
  }

  try {
    const created = await create(server.token)
    assert.ok(created.startsWith('HTTP Code: 201\n'), created)
    assert.ok(created.includes('\nKeys created successfully:\n'), created)
    const keys = [...created.matchAll(CREATED)].map(([, key]) => key)
    assert.equal(new Set(keys).size, 5, created)
    const key = keys[0] ?? ''

    for (const count of [1, 2, 3]) {
      const answer = await reset(server.token, key)
      const body = JSON.stringify({ message: 'Reset successfully', resetCount: count })
      assert.equal(answer, `HTTP Code: 200\nResponse: ${body}\nKey reset successfully!\nReset count: ${count}\n`)
    }

    failed(await create(DOCUMENTED_API_KEY), 401, 'Invalid API key')
    failed(await reset(DOCUMENTED_API_KEY, key), 401, 'Invalid API key')
    failed(await reset(server.token, DOCUMENTED_KEY), 404, 'Key not found')
    failed(await reset(server.foreignToken, key), 403, "You don't have permission to reset this key")
    const unknownPackage = await create(server.token, { '[1, 2, 3]': '[1, 2, 99]' })
    failed(unknownPackage, 422, 'packageIds: there is no package 99')
    const tooMany = await create(server.token, { "'quantity' => 5": "'quantity' => 1000" })
    assert.match(tooMany, /^HTTP Code: 422\n[\s\S]*\nError: quantity: .+\n$/)
    console.log('The PHP programs of the AuthTool documents work: 4 successes and 6 refusals as documented.')
  } finally {
    await server.close()
  }
}

await main()
