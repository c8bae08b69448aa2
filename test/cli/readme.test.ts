import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { npxCommands, readmeSection, wordsOf } from './documented'
import { keyslotIn, serveIn } from './keyslot-process'
import { startReadmeServer } from './readme-server'
import { scratchFolder } from './scratch-folder'

// The defaults are what is tried here.
vi.stubEnv('KEYSLOT_STORAGE', undefined)

const [INIT = '', CREATE_PRODUCT = '', CREATE_TOKEN = '', SHOW_KEYS = '', SERVE = ''] = npxCommands(
  readmeSection('Your server'),
)

interface Made {
  readonly productId: string
  readonly token: string
  readonly kid: string
}

async function printedBy(folder: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await keyslotIn(folder, ...wordsOf(command))
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
  return stdout
}

/** Does in a folder what the README says, as it says it: but for the id, which nobody can know beforehand. */
async function followReadme(folder: string): Promise<Made> {
  const field = (printed: string, name: string) => new RegExp(`^${name} +(\\S+)`, 'm').exec(printed)?.[1] ?? ''
  const productId = field(await printedBy(folder, CREATE_PRODUCT), 'Product')
  const token = field(await printedBy(folder, CREATE_TOKEN.replace('prod_…', productId)), 'Token')
  return { productId, token, kid: field(await printedBy(folder, SHOW_KEYS), 'Key') }
}

/** Expects that a server serves what was made, and has signed with the key that was shown. */
async function expectServed(url: string, folder: string, { productId, token, kid }: Made): Promise<void> {
  const sold = await printedBy(folder, `license create --product ${productId} --max-activations 1 --json`)
  const { key: licenseKey } = JSON.parse(sold) as { key: string }
  const answer = await fetch(`${url}/key/activate`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId, licenseKey, hostId: 'host-1' }),
  })
  expect(answer.status).toBe(200)
  const { licenseToken } = (await answer.json()) as { licenseToken: string }
  const header = Buffer.from(licenseToken.split('.')[0] ?? '', 'base64url').toString()
  expect(JSON.parse(header)).toMatchObject({ kid })
}

/** The files of a store, however many the driver keeps of it. */
function storeFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => !/^server\.mts$|-(shm|wal)$/.test(name))
}

describe('the commands of the README', () => {
  it('are those that are tried here', () => {
    expect(INIT).toBe('init "Acme Editor"')
    expect(CREATE_PRODUCT).toMatch(/^product create "/)
    expect(CREATE_TOKEN).toMatch(/^token create .*prod_…/)
    expect(SHOW_KEYS).toBe('keys show')
    expect(SERVE).toBe('serve')
  })

  it('make a store that its server then serves, with the same keys', async () => {
    const folder = scratchFolder()
    const made = await followReadme(folder)
    expect(storeFiles(folder)).toEqual(['licenses.db', 'licensing-keys.json'])
    const server = await startReadmeServer(folder)
    await expectServed(server.line.url, folder, made)
    await server.stop()
    expect(storeFiles(folder)).toEqual(['licenses.db', 'licensing-keys.json'])
  })

  it('work on a store its server has made: stopped, and while it runs', async () => {
    const folder = scratchFolder()
    await (await startReadmeServer(folder)).stop()
    const made = await followReadme(folder)
    const server = await startReadmeServer(folder)
    await expectServed(server.line.url, folder, made)
    await expectServed(server.line.url, folder, await followReadme(folder))
    await server.stop()
    expect(storeFiles(folder)).toEqual(['licenses.db', 'licensing-keys.json'])
  })

  it('and keyslot serve take turns with its server', async () => {
    const folder = scratchFolder()
    const served = await serveIn(folder)
    const { productId, publishableToken: token, jwks } = served.line
    const { keys } = (await (await fetch(jwks)).json()) as { keys: { kid: string }[] }
    const made = { productId, token, kid: keys[0]?.kid ?? '' }
    expect(await served.stop()).toBe(0)
    const server = await startReadmeServer(folder)
    await expectServed(server.line.url, folder, made)
    await server.stop()
    const again = await serveIn(folder)
    expect(again.line.productId).toBe(productId)
    expect(await again.stop()).toBe(0)
  })

  it('reach the same store when it is named, from another folder too', async () => {
    const folder = scratchFolder()
    const { productId } = await followReadme(folder)
    const elsewhere = scratchFolder()
    const listed = await printedBy(elsewhere, `product list --storage sqlite:${folder}/licenses.db --json`)
    expect(JSON.parse(listed)).toMatchObject({ items: [{ id: productId }] })
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('name --keys first where the keys are others', async () => {
    const folder = scratchFolder()
    await followReadme(folder)
    const { code, stderr } = await keyslotIn(folder, 'product', 'create', 'Another', '--keys', 'none.json')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^keyslot: none\.json is missing[^\n]+--keys FILE[^\n]+--adopt-keys\n$/)
    expect(existsSync(`${folder}/none.json`)).toBe(false)
  })
})
