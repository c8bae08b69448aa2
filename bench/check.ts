/**
 * What `check()` costs an app: at its start, as whole processes with the license on disk, and in a hot path, beside a raw
 * signature check and a look-up. Rounds are interleaved. `npm run bench:check` builds first.
 *
 *   npx tsx bench/check.ts [--short] [--starts 31] [--rounds 7] [--ms 300] [--beside FOLDER]
 *
 * `--beside` names the `dist` of another build, which is measured in the same rounds.
 */
import { execFileSync } from 'node:child_process'
import { verify } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { createLicenseKit, type LicenseKitOptions } from '../src/client'
import { type CachedActivation, serializeState } from '../src/client/store/cache-record'
import { CACHE_FILE } from '../src/client/store/license-on-disk'
import { createTrustStore } from '../src/client/trust/trust-store'
import { verifyStanding } from '../src/client/trust/verify'
import { createClaims, createSigningKey, signToken } from '../test/client/token-factory'
import { conditions, markdownTable, whole } from './report'
import { measure, median, type Subject } from './rounds'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    starts: { type: 'string' },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    beside: { type: 'string' },
  },
})
const STARTS = Number(values.starts ?? (values.short ? 3 : 31))
const ROUNDS = Number(values.rounds ?? (values.short ? 1 : 7))
const ROUND_MS = Number(values.ms ?? (values.short ? 30 : 300))

const EMPTY = 'an empty program'
const RAW = 'raw Ed25519 verification by node:crypto'
const LOOK_UP = 'a bare look-up in a Map'
const folder = mkdtempSync(join(tmpdir(), 'keyslot-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true }))
/** What each build is called in the tables, and its `client/index` without the ending. */
const builds = [
  { called: 'check()', client: resolve('dist/client/index') },
  ...(values.beside === undefined
    ? []
    : [{ called: 'check() of the other build', client: resolve(values.beside, 'client/index') }]),
]

const key = createSigningKey()
const claims = createClaims({}, new Date())
const options: LicenseKitOptions = {
  serverUrl: 'https://licenses.invalid',
  productId: claims.productId,
  accessToken: 'pk_bench',
  trustedKeys: [key.jwk],
  appName: 'keyslot-bench',
  dataDir: join(folder, 'data'),
}
const { hostId } = await createLicenseKit(options).hostId()
const token = signToken(key, { ...claims, machine: hostId })
store()

const starts = measureStarts(await writePrograms(), STARTS)
const warm = await measure(await subjects(), ROUNDS, ROUND_MS)

console.log(`${await conditions(['jose', 'esbuild'])}\n`)
const empty = starts.find(({ name }) => name === EMPTY) ?? fail('nothing to compare with')
console.log(
  markdownTable(
    [
      `a cold start, license on disk; median of ${STARTS}`,
      'ms to the verdict',
      'ms to the end of the process',
      'above an empty program',
      '× an empty program',
      'of what is above, ms of CPU time',
    ],
    starts.map(({ name, verdictMs, ms, cpuMs }) => [
      name,
      verdictMs.toFixed(1),
      ms.toFixed(1),
      (ms - empty.ms).toFixed(1),
      (ms / empty.ms).toFixed(2),
      (cpuMs - empty.cpuMs).toFixed(1),
    ]),
  ),
)
console.log(`\n${ROUNDS} rounds of ${ROUND_MS} ms, medians`)
const [raw, lookUp] = [secondsOf(RAW), secondsOf(LOOK_UP)]
console.log(
  markdownTable(
    ['once it runs', 'µs', 'a second', '× raw verification', '× a look-up'],
    warm.map(({ name, opsPerSecond }) => [
      name,
      (1e6 / opsPerSecond).toPrecision(3),
      whole(opsPerSecond),
      (1 / opsPerSecond / raw).toPrecision(2),
      whole(1 / opsPerSecond / lookUp),
    ]),
  ),
)

/** What one operation takes. */
function secondsOf(subject: string): number {
  const { opsPerSecond } = warm.find(({ name }) => name === subject) ?? fail('nothing to compare with')
  return 1 / opsPerSecond
}

/** The cache file, as `activate()` leaves it. */
function store(): void {
  const activation: CachedActivation = {
    serverUrl: options.serverUrl,
    allowPlainHttp: false,
    productId: options.productId,
    accessToken: options.accessToken,
    licenseKey: claims.key,
    licenseToken: token,
    hostId,
    highestTimeSeen: claims.iat,
    clock: { signed: claims.iat, by: [] },
  }
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', CACHE_FILE), serializeState({ kind: 'activation', activation }))
}

/**
 * One small program for each way an app may hold the kit. Each prints the verdict, how old the process was then, and the
 * CPU time it had taken.
 */
async function writePrograms(): Promise<ReadonlyMap<string, string>> {
  const print =
    'const age = performance.now(); const { user, system } = process.cpuUsage(); console.log(status, age, user + system)'
  const check = `createLicenseKit(${JSON.stringify(options)}).check().then(({ status }) => { ${print} })`
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const programs = new Map([[EMPTY, write('empty.mjs', `const status = 'valid'; ${print}`)]])
  for (const [index, { called, client }] of builds.entries()) {
    const esm = write(
      `esm-${index}.mjs`,
      `import { createLicenseKit } from ${JSON.stringify(`${client}.js`)}\n${check}`,
    )
    const required = `const { createLicenseKit } = require(${JSON.stringify(`${client}.cjs`)})\n${check}`
    const outfile = join(folder, `bundle-${index}.mjs`)
    const form = { bundle: true, minify: true, platform: 'node', format: 'esm' } as const
    await build({ entryPoints: [esm], outfile, ...form, logLevel: 'error' })
    programs.set(`${called}, ES module`, esm)
    programs.set(`${called}, CommonJS`, write(`cjs-${index}.cjs`, required))
    programs.set(`${called}, bundled by esbuild into one file`, outfile)
  }
  return programs
}

interface Start {
  readonly name: string
  /** From the process's own beginning. */
  readonly verdictMs: number
  /** As whoever starts it waits. */
  readonly ms: number
  readonly cpuMs: number
}

/** Medians of interleaved starts. */
function measureStarts(programs: ReadonlyMap<string, string>, times: number): readonly Start[] {
  const none = (): number[] => []
  const samples = [...programs].map(([name, file]) => ({ name, file, verdictMs: none(), ms: none(), cpuMs: none() }))
  for (let round = 0; round <= times; round++) {
    for (const { name, file, verdictMs, ms, cpuMs } of samples) {
      const startedAt = performance.now()
      const [verdict, age, cpu] = execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim().split(' ')
      const took = performance.now() - startedAt
      if (verdict !== 'valid') fail(`${name}: ${verdict}`)
      // The first round only warms the disk's cache.
      if (round === 0) continue
      verdictMs.push(Number(age))
      ms.push(took)
      cpuMs.push(Number(cpu) / 1000)
    }
  }
  return samples.map(({ name, verdictMs, ms, cpuMs }) => ({
    name,
    verdictMs: median(verdictMs),
    ms: median(ms),
    cpuMs: median(cpuMs),
  }))
}

async function subjects(): Promise<Subject[]> {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const signed = Buffer.from(`${head}.${payload}`)
  const signatureBytes = Buffer.from(signature, 'base64url')
  const trustStore = createTrustStore([key.jwk])
  const publicKey = trustStore.find(key.kid) ?? fail('no such key')
  const expected = { issuer: claims.iss, productId: claims.productId, hostId }
  const checks = builds.map(async ({ called, client }) => {
    const { createLicenseKit: create } = (await import(`${client}.js`)) as { createLicenseKit: typeof createLicenseKit }
    const kit = create(options)
    return repeating(called, 100, async () => (await kit.check()).usable)
  })
  const known = new Map([[token, claims]])
  return [
    ...(await Promise.all(checks)),
    repeating('a license token verified anew, by jose', 10, async () => {
      return (await verifyStanding(token, trustStore, expected)).jti === claims.jti
    }),
    repeating(RAW, 10, () => verify(null, signed, publicKey, signatureBytes)),
    repeating(LOOK_UP, 10_000, () => known.get(token) === claims),
  ]
}

/** Runs the work again and again, looking at the clock once in so many times. */
function repeating(name: string, times: number, work: () => boolean | Promise<boolean>): Subject {
  return {
    name,
    async run(forMs) {
      const until = performance.now() + forMs
      let done = 0
      while (performance.now() < until) {
        for (let count = 0; count < times; count++) {
          const answer = work()
          if (!(typeof answer === 'boolean' ? answer : await answer)) fail(`${name}: no`)
        }
        done += times
      }
      return done
    },
  }
}

function fail(why: string): never {
  throw new Error(why)
}
