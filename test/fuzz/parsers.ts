import { parse as parseQuery } from 'node:querystring'
import { InvalidArgumentError } from 'commander'
import { calendarDuration, hosts, instant, jsonObject, list, name, seconds } from '../../src/cli/option-values'
import { mapRow, unfoldRows } from '../../src/cli/transfer/apply-mapping'
import { guessDelimiter, readCsv } from '../../src/cli/transfer/csv'
import { LineRefused } from '../../src/cli/transfer/line-refused'
import { loadMapping, type Mapping, SHIPPED_MAPPINGS } from '../../src/cli/transfer/mapping-file'
import { readDate } from '../../src/cli/transfer/read-date'
import { splitLines } from '../../src/cli/transfer/split-lines'
import { parseActivationRequest } from '../../src/protocol'
import { parseJson } from '../../src/protocol/json'
import { clientLogin } from '../../src/protocol/schemas/authtool'
import { parseInstant } from '../../src/protocol/schemas/instant'
import { inputParser } from '../../src/protocol/schemas/parse-input'
import { parseRecordLine } from '../../src/protocol/schemas/record-lines'
import { REQUESTS } from '../../src/protocol/schemas/requests'
import { createKeyring, createLicensing } from '../../src/server'
import { addressKey } from '../../src/server/http/address-key'
import { openData } from '../../src/server/http/authtool-cipher'
import { readBody } from '../../src/server/http/read-body'
import { toAddress } from '../../src/server/http/remote-address'
import { nameLicense } from '../../src/server/service/license-target'
import { parseKeyring, serializeKeyring } from '../../src/server/signing/keyring'
import { memoryStorage } from '../../src/storage'
import { AES_KEY, device, java, objectiveC, swift } from '../server/http/authtool-app'
import { never, outcomeOf, type Parser } from './parser'
import { signedParsers } from './signed-parsers'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const IDS = { productId: 'prod_0123456789abcdefghij', licenseKey: 'T8XTR-AI21B-2990H-85SB5', hostId: 'host-a' }
const FIELDS = { ...IDS, page: 1, limit: 10, ttl: '60', newCustomer: { name: 'Ada' }, metadata: { a: [1] } }
const FORMAT = { sections: 4, sectionLength: 5, separator: '-', charset: 'ABC', prefix: 'X', case: 'mixed' }
const REQUEST = {
  ...{ type: 'keyslot-activation-request', version: 1, appName: 'Editor', createdAt: NOW },
  ...IDS,
}
const LINE = {
  ...{ kind: 'license', key: 'A-1', product: 'Editor', expiresAt: '2027-01-01', metadata: { seats: 1 } },
  ...{ customer: { name: 'Ada', email: 'ada@example.com' }, activations: [{ hostId: 'h1' }] },
}
const ROW = { data: [{ attributes: { key: 'A-1', status: 'active', activation_limit: 5, expires_at: null } }] }
const DEVICE = JSON.stringify({ ...device('uid-1'), key: IDS.licenseKey })
const DATES = ['2026-03-01', '2026-03-01T12:00:00Z', '2026-03-01 12:00:00+01:00', '1772366400', '03/01/2026 12:00']
const ADDRESSES = ['192.0.2.7', '192.0.2.0/24', '2001:db8::/32', '[::1]:443', '::ffff:192.0.2.7', 'fe80::1%eth0']

const readDevice = inputParser(clientLogin)

/** Every parser that is given what strangers write. */
export async function parsers(): Promise<readonly Parser[]> {
  const keyring = createKeyring(NOW)
  const licensing = await createLicensing({ storage: memoryStorage(), keyring, housekeepingSeconds: 0, logger: QUIET })
  const { accessTokens, licenses, webhooks } = licensing
  const product = await licensing.products.create({ name: 'Editor' })
  const bodies = Object.values(REQUESTS).map((schema) => inputParser(schema))
  const mappings = await Promise.all(SHIPPED_MAPPINGS.map(loadMapping))
  return [
    ...signedParsers(),
    {
      name: 'what an app made for AuthTool has encrypted',
      seeds: [swift, objectiveC, java].map((cipher) => cipher.seal(DEVICE)),
      parse: (data) => openData(data, AES_KEY, 'gcm'),
      isOwn: never,
    },
    {
      name: 'what is in it',
      seeds: [DEVICE],
      wrap: java.seal,
      parse: (data) => readDevice(openData(data, AES_KEY, 'ecb')?.fields),
    },
    { name: 'a body', seeds: [JSON.stringify(FIELDS), '[]', '\ufeff{}'], parse: readJson },
    {
      name: 'the fields of a body',
      seeds: [JSON.stringify(FIELDS)],
      parse: (text) => bodies.map((parse) => outcomeOf(() => parse(parseJson(text)))),
      isOwn: never,
    },
    {
      name: 'a query',
      seeds: ['productId=a&licenseKey=b', 'page=1&limit=10&email=a%40b.example', 'customerId[]=1&customerId=2'],
      parse: (text) => bodies.map((parse) => outcomeOf(() => parse(parseQuery(text)))),
      isOwn: never,
    },
    { name: 'an activation request', seeds: [JSON.stringify(REQUEST)], parse: parseActivationRequest },
    { name: 'a keyring', seeds: [serializeKeyring(keyring)], parse: (text) => parseKeyring(text, 'the file') },
    { name: 'a table', seeds: ['key,name\n"A-1","Ed""itor"\nB-2;x\n', 'a\tb\n1\t2\n'], parse: readTable, isOwn: never },
    { name: 'a line', seeds: [JSON.stringify(LINE)], parse: (text) => parseRecordLine(parseJson(text)), isOwn: never },
    {
      name: 'a row of another service',
      seeds: [JSON.stringify(ROW), JSON.stringify(ROW.data[0]), JSON.stringify(ROW.data[0]?.attributes)],
      parse: (text) => mappings.map((mapping) => mapAll(parseJson(text), mapping)),
      isOwn: never,
    },
    { name: 'a date', seeds: DATES, parse: readDates, isOwn: never },
    {
      name: 'an option',
      seeds: ['1 year', '30 days', '3 constructors', 'a,b', '{"a":1}', ...DATES],
      parse: readOptions,
    },
    {
      name: 'an address',
      seeds: ADDRESSES,
      parse: (text) => [toAddress(text), addressKey(text), addressKey(toAddress(text) ?? 'unknown')],
      isOwn: never,
    },
    {
      name: 'a list of addresses',
      seeds: [...ADDRESSES, ADDRESSES.join()],
      parse: (text) =>
        accessTokens.create({ name: 'a', kind: 'secret', scopes: [], allowedAddresses: text.split(',') }),
    },
    { name: 'a license key', seeds: [IDS.licenseKey, ' a-1 ', '\ufb00'], parse: nameLicense },
    {
      name: 'the format of keys',
      seeds: [JSON.stringify(FORMAT)],
      parse: (text) =>
        licenses.create({ productId: product.id, format: parseJson(text) as typeof FORMAT & object as never }),
    },
    {
      name: 'the address of a webhook',
      seeds: ['https://hooks.example/in?a=b', 'https://[2001:db8::1]:8443/'],
      parse: (url) => webhooks.create({ url }),
    },
  ]
}

const QUIET = { warn: () => undefined, error: () => undefined }

function readJson(text: string) {
  const bytes = Buffer.from(text)
  const headers = { 'content-length': `${bytes.length}`, 'content-type': 'application/json' }
  const head = { method: 'POST', path: '/', query: '', headers, headersDistinct: {}, mountUrl: '/' }
  return readBody({ ...head, address: null, peer: null, addressIsChosen: false, receiveBody: async () => ({ bytes }) })
}

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}

async function readTable(text: string): Promise<number> {
  let records = 0
  for await (const _ of readCsv(splitLines(chunksOf(text), 0), guessDelimiter(text.split('\n')[0] ?? ''))) records++
  return records
}

function mapAll(value: unknown, mapping: Mapping): readonly unknown[] {
  const isOwn = (error: unknown) => error instanceof LineRefused
  return unfoldRows(value, mapping).map((row) => outcomeOf(() => mapRow(row, mapping), isOwn))
}

function readDates(text: string) {
  const written = ['iso', 'unix', 'unix-ms', 'DD/MM/YYYY HH:mm']
  return [parseInstant(text), ...written.map((pattern) => readDate(text, pattern))]
}

function readOptions(text: string): readonly unknown[] {
  const isOwn = (error: unknown) => error instanceof InvalidArgumentError
  const readers: readonly ((given: string) => unknown)[] = [calendarDuration, seconds(60), instant, jsonObject, name]
  return [...readers, (given: string) => hosts(given), list].map((read) => outcomeOf(() => read(text), isOwn))
}
