/** A name each entry of the package must export, and the entries themselves. */
export const ENTRIES: Readonly<Record<string, string>> = {
  './server': 'createLicensing',
  './client': 'createLicenseKit',
  './storage': 'memoryStorage',
  './storage/sqlite': 'sqliteStorage',
  './storage/postgres': 'postgresStorage',
  './testing': 'storageConformance',
  './protocol': 'computeKid',
}

export const specifierOf = (entry: string) => entry.replace('.', 'keyslot')

/** Programs that load one entry, and print `function` where its name is one. */
export function loadingPrograms(entry: string, name: string): { readonly esm: string; readonly cjs: string } {
  const specifier = specifierOf(entry)
  const print = `console.log(typeof ${name})`
  return {
    esm: `import { ${name} } from '${specifier}'\n${print}`,
    cjs: `const { ${name} } = require('${specifier}')\n${print}`,
  }
}

/** Turns `require` of ES modules off, where a Node has it. */
export const WITHOUT_REQUIRE_OF_ESM = '--no-experimental-require-module'

const MISS_PEERS = `
const report = (error) => console.log(error.code + ': ' + error.message)
async function main() {
  const licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()) })
  await licensing.close()
  console.log('created without express')
  await sqliteStorage({ file: 'x.db' }).open({ version: 1, tables: {} }).catch(report)
  await postgresStorage({ connectionString: 'postgres://127.0.0.1:1/x' }).open({ version: 1, tables: {} }).catch(report)
}
main()`

/** Programs that use each peer where none is installed, and print what they are told, a line each. */
export const MISSING_PEERS = {
  esm: `import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { postgresStorage } from 'keyslot/storage/postgres'
import { sqliteStorage } from 'keyslot/storage/sqlite'
${MISS_PEERS}`,
  cjs: `const { createKeyring, createLicensing } = require('keyslot/server')
const { memoryStorage } = require('keyslot/storage')
const { postgresStorage } = require('keyslot/storage/postgres')
const { sqliteStorage } = require('keyslot/storage/sqlite')
${MISS_PEERS}`,
}

export const TOLD_OF_MISSING_PEERS = [
  /^created without express$/,
  /^PEER_MISSING: .*npm install better-sqlite3@12/,
  /^PEER_MISSING: .*npm install pg/,
]
