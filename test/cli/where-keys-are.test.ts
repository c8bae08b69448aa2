import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyslotIn } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

const KEYRING = 'licensing-keys.json'
/** What whoever answers customers does all day. */
const READING = [
  'product list',
  'product version list',
  'license list',
  'customer list',
  'token list',
  'webhook list',
  'webhook deliveries',
  'events list',
]

let folder = ''

beforeEach(async () => {
  vi.stubEnv('KEYSLOT_STORAGE', undefined)
  vi.stubEnv('KEYSLOT_KEYS', undefined)
  folder = scratchFolder()
  await done('product create Acme')
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const run = (command: string) => keyslotIn(folder, ...command.split(' '))

async function done(command: string): Promise<string> {
  const { code, stdout, stderr } = await run(command)
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
  return stdout
}

describe('commands that only read', () => {
  it('need no signing keys, and make none', async () => {
    const key = JSON.parse(await done('license create --json')).key as string
    rmSync(join(folder, KEYRING))
    for (const command of [...READING, `license show ${key}`, `license keys ${key}`]) await done(command)
    expect(readdirSync(folder)).not.toContain(KEYRING)
  })

  it('are told apart from those that sell', async () => {
    rmSync(join(folder, KEYRING))
    expect(await run('license create')).toMatchObject({ code: 1, stderr: expect.stringContaining('is missing') })
  })
})

describe('the signing keys', () => {
  it('are those that KEYSLOT_KEYS names, where --keys does not', async () => {
    renameSync(join(folder, KEYRING), join(folder, 'elsewhere.json'))
    vi.stubEnv('KEYSLOT_KEYS', join(folder, 'elsewhere.json'))
    const shown = await done('keys show --json')
    await done('license create')
    expect(await done('keys show --json --keys elsewhere.json')).toBe(shown)
    expect(readdirSync(folder)).not.toContain(KEYRING)
  })

  it('are those in the variable that --keys-env names', async () => {
    vi.stubEnv('LICENSING_KEYS', readFileSync(join(folder, KEYRING), 'utf8'))
    const shown = await done('keys show --json')
    rmSync(join(folder, KEYRING))
    expect(await done('keys show --json --keys-env LICENSING_KEYS')).toBe(shown)
    await done('license create --keys-env LICENSING_KEYS')
    expect(readdirSync(folder)).not.toContain(KEYRING)
  })

  it('are not both in a file and in a variable', async () => {
    expect(await run('license create --keys x.json --keys-env LICENSING_KEYS')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--keys-env.+cannot be used with.+--keys/),
    })
  })

  it('are missed by name where the variable is not set', async () => {
    expect(await run('license create --keys-env NO_SUCH_KEYS')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NO_SUCH_KEYS is not set'),
    })
  })
})
