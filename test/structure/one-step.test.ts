import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { findReadsThenActs, kindOf, type Sources } from './reads-then-acts'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

const JUDGED_AGAIN = 'What was read only names hosts: each is judged again in the step that frees it.'

/** The only functions that read the store and change it in a later step, and why each may. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'service/free-unseen#freeUnseenHosts: findUnseen, then releaseUnseen': JUDGED_AGAIN,
  'housekeeping#run: findUnseen, then judgeClock, purgeExpired, purgeEvents, releaseUnseen': JUDGED_AGAIN,
  'http/authtool#createKeys: findReplay, then insertLicenses, deleteLicense, deleteCustomer':
    'What was answered before is told again, and what was not the step itself looks for once more.',
  'http/authtool#createNow: findProductsByPackageIds, then insertLicenses, deleteLicense, deleteCustomer':
    'A package id names the same product for good, and an account keeps its plan: the step checks the product again.',
  'service/authtool-client#checkDevice: findAuthtoolLogins, then validateActivation':
    'What was read only names the license: the step judges it again, and its activation is looked at once more.',
  'signing/require-keyring#requireKeyring: listSigningKeyIds, then recordSigningKeyId':
    'It tells an operator of a wrong keyring when a server starts, and promises nothing between servers that start at once.',
}

function sourcesOf(folder: string): Sources {
  const names = readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [
        name.replaceAll('\\', '/').replace(/\.ts$/, ''),
        readFileSync(join(SOURCES, folder, name), 'utf8'),
      ]),
  )
}

const verbSources = sourcesOf('storage/verbs')

/** The verbs of the store, as its interface has them. */
/** The methods of every interface that a store is made of. */
function verbsOfStore(): ReadonlySet<string> {
  const contracts = Object.entries(verbSources).filter(([path]) => path === 'store' || path.endsWith('-contract'))
  const interfaces = contracts.flatMap(([path, text]) =>
    ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true).statements.filter(ts.isInterfaceDeclaration),
  )
  const methods = interfaces.flatMap(({ members }) => members.filter(ts.isMethodSignature))
  return new Set(methods.map(({ name }) => name.getText()))
}

const verbs = verbsOfStore()

describe('the server', () => {
  const found = findReadsThenActs(sourcesOf('server'), verbs).map(
    ({ where, reads, changes }) => `${where}: ${reads.join(', ')}, then ${changes.join(', ')}`,
  )

  it('reads nothing in one step that it acts on in another', () => {
    expect(found.filter((one) => EXCEPTIONS[one] === undefined)).toEqual([])
  })

  it('needs every exception that is made', () => {
    expect(Object.keys(EXCEPTIONS).filter((one) => !found.includes(one))).toEqual([])
  })
})

describe('the verbs of the store', () => {
  it('are told apart by their names: none that is called after reading starts a step', () => {
    expect(verbs.size).toBeGreaterThan(40)
    for (const [path, text] of Object.entries(verbSources)) {
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
      const visit = (node: ts.Node) => {
        const isVerb = (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && verbs.has(node.name.getText())
        if (isVerb && kindOf(node.name.getText()) === 'reads') {
          expect(node.getText(), `${path}: ${node.name.getText()}`).not.toMatch(/\b(mutate|act|lookOrAct)[<(]/)
        }
        ts.forEachChild(node, visit)
      }
      visit(file)
    }
  })
})

describe('what looks for it', () => {
  const fires = (sources: Sources) => findReadsThenActs(sources, verbs).map(({ where }) => where)

  it.each<[string, string]>([
    [
      'in one function',
      `export async function act({ store }) {
        const product = await store.findProduct('a', 'b')
        if (product.active) await store.updateProduct('a', 'b', {}, {})
      }`,
    ],
    [
      'through functions of its file',
      `async function look(context) { return context.store.listActivations('a', 'b', {}) }
       const free = async (context) => { await context.store.releaseActivation('a', {}, {}) }
       export async function act(context) { await look(context); await free(context) }`,
    ],
    [
      'in what is handed to a call',
      `export async function act({ store }, hosts) {
        const found = await store.findLicense('a', 'b')
        await Promise.all(hosts.map(async (host) => { await store.claimActivation('a', found, host, {}) }))
      }`,
    ],
    [
      'where the reading is handed to the change',
      `export const act = async (store) => store.updateLicense('a', await store.findLicense('a', 'b'), {}, {})`,
    ],
    [
      'in a method',
      `export class Worker {
        async act() { await this.look(); await this.config.store.claimDeliveries(1, 2, 3) }
        async look() { return this.config.store.listWebhookEndpoints('a', {}) }
      }`,
    ],
  ])('finds it %s', (_name, text) => {
    expect(fires({ 'service/act': text })).toEqual(['service/act#act'])
  })

  it('finds it through other files, by whatever name they are imported', () => {
    const look = `export async function readIt(context) { return context.store.findLicense('a', 'b') }`
    const act = `
      import { readIt as look } from '../service/look'
      export const api = (context) => ({ act: async () => { await look(context); await context.store.deleteLicense('a', {}, {}) } })`
    expect(fires({ 'service/look': look, 'api/act': act })).toEqual(['api/act#act'])
  })

  it.each<[string, string]>([
    ['a mere reading', `export const get = async ({ store }) => store.findProduct('a', 'b')`],
    [
      'a reading of what was changed',
      `export async function act({ store }) { await store.updateProduct('a', 'b', {}, {}); return store.findProduct('a', 'b') }`,
    ],
    [
      'two functions side by side',
      `export const api = ({ store }) => ({ get: () => store.findProduct('a', 'b'), set: () => store.updateProduct('a', 'b', {}, {}) })`,
    ],
    [
      'verbs of something else',
      `export async function act({ queue }) { await queue.findProduct(); await queue.updateProduct() }`,
    ],
    [
      'a function that calls itself',
      `export async function act({ store }) { await act({ store }); await store.updateProduct('a', 'b', {}, {}) }`,
    ],
  ])('leaves alone %s', (_name, text) => {
    expect(fires({ 'service/act': text })).toEqual([])
  })
})
