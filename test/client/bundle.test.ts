import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** What every start of an app loads: 16.5 KiB. jose's compactVerify is 4.1 kB of this. */
const MAX_EAGER_GZIP_BYTES = 17_050

/** What is loaded when it is used: each part with all it needs beyond the eager part, whether another part shares it or not. */
const MAX_LAZY_GZIP_BYTES = {
  // With what proves to hold a key, starts a trial, gives up a slot, asks again after a refusal, reads revocation lists, and
  // verifies signed answers, advises in CI, and knows that a server has moved.
  'src/client/actions/online.ts': 14_300,
  // What makes keys, keeps them and derives them anew.
  'src/client/actions/claim-keys.ts': 3_600,
  'src/client/uninstall/uninstall-host.ts': 5_300,
  // With what the processes of one data folder hand on to each other, and what verifies signed leases.
  'src/client/floating/checkout.ts': 7_900,
  // With the sentences for every error, and what tells a server's code that has none.
  'src/client/actions/create-activation-request.ts': 1_500,
  'src/client/actions/devices.ts': 4_150,
  'src/client/actions/name-devices.ts': 4_600,
  // Where something about the time is to be found out, written or said.
  'src/client/trust/judge-clock.ts': 900,
  'src/client/check/settle-time.ts': 1_900,
  'src/client/check/start.ts': 800,
  'src/client/check/watch.ts': 1_500,
  // Four fifths of it are loaded by then: only `online.ts` asks for it.
  'src/client/actions/fetch-key-set.ts': 5_000,
  'src/client/trust/key-set.ts': 1_100,
  // Loaded once there is a list.
  'src/client/trust/revocation-list.ts': 900,
  // Loaded where a token has run out, with what reads revocation lists.
  'src/client/trust/statements.ts': 3_100,
  'src/client/trust/describe-trust.ts': 250,
  'src/client/actions/fetch-statements.ts': 5_700,
  'src/client/actions/import-statement.ts': 3_750,
  'src/client/actions/import-license-file.ts': 4_350,
  // Most of it the sentences for every error, which name those of proofs, trials and proxies.
  'src/client/actions/import-revocation-list.ts': 2_550,
  // Where the computer seems to be another.
  'src/client/actions/keep-slot.ts': 2_900,
  'src/client/check/doubt.ts': 2_650,
  'src/client/check/refusal.ts': 500,
  'src/client/diagnosis/examine-doubt.ts': 2_850,
  'src/client/host/installation-id.ts': 600,
  // Where a container seems to be.
  'src/client/host/whole-machine.ts': 500,
  // Not on Linux.
  'src/client/host/system-programs.ts': 400,
  // What fetches where nothing else is given.
  'src/client/wire/code-in-words.ts': 500,
  'src/client/wire/fetch-as-usual.ts': 700,
  'src/client/wire/proxy/fetch-by-route.ts': 3_600,
  // Where a certificate was refused.
  'src/client/wire/proxy/fetch-secured.ts': 2_600,
  // Where one was refused for its dates.
  'src/client/actions/fetch-by-told-time.ts': 5_100,
  'src/client/store/sealed-record.ts': 500,
  'src/client/diagnosis/examine.ts': 9_600,
  'src/client/diagnosis/examine-statements.ts': 2_750,
}

const ROOT = path.join(import.meta.dirname, '../..')
const ENTRY = 'src/client/index.ts'

const SHARED: BuildOptions = {
  entryPoints: [path.join(ROOT, ENTRY)],
  absWorkingDir: ROOT,
  outdir: 'bundle',
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['node-machine-id'],
}

const leaveOutLazyParts: Plugin = {
  name: 'leave out lazy parts',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path: specifier }) =>
      kind === 'dynamic-import' ? { path: specifier, external: true } : undefined,
    )
  },
}

async function bundle(options: BuildOptions) {
  const result = await build({ ...SHARED, ...options, write: false, metafile: true })
  const texts = new Map(result.outputFiles.map((file) => [path.basename(file.path), file.text]))
  return { texts, ...result.metafile }
}

function entryOf(outputs: Metafile['outputs'], source: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source)
  return found?.[0] ?? expect.fail(`no output for ${source}`)
}

/** An output and everything it loads with itself. */
function closureOf(outputs: Metafile['outputs'], output: string, known = new Set<string>()): Set<string> {
  known.add(output)
  for (const { path: imported, kind, external } of outputs[output]?.imports ?? []) {
    if (kind === 'import-statement' && !external && !known.has(imported)) closureOf(outputs, imported, known)
  }
  return known
}

function gzipSize(texts: Iterable<string | undefined>): number {
  return gzipSync([...texts].join('\n'), { level: 9 }).length
}

describe('the client bundle', () => {
  it('stays small', async () => {
    const { texts } = await bundle({ plugins: [leaveOutLazyParts] })
    expect(gzipSize(texts.values())).toBeLessThanOrEqual(MAX_EAGER_GZIP_BYTES)
  })

  it('loads what few apps need only where it is used, each part small', async () => {
    const { texts, outputs } = await bundle({ splitting: true })
    const eager = closureOf(outputs, entryOf(outputs, ENTRY))
    const sources = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
    const lazy = sources.filter((source) => source !== ENTRY)
    expect(lazy.sort()).toEqual(Object.keys(MAX_LAZY_GZIP_BYTES).sort())
    for (const [source, limit] of Object.entries(MAX_LAZY_GZIP_BYTES)) {
      const own = [...closureOf(outputs, entryOf(outputs, source))].filter((output) => !eager.has(output))
      const size = gzipSize(own.map((output) => texts.get(path.basename(output))))
      expect.soft(size, source).toBeLessThanOrEqual(limit)
    }
  })

  it('holds no server, no driver, no validator, and starts no process', async () => {
    const { texts, inputs } = await bundle({})
    const packages = Object.keys(inputs).filter((input) =>
      /express|zod|better-sqlite3|axios|\/pg\/|src\/server|commander/.test(input),
    )
    expect(packages).toEqual([])
    const text = [...texts.values()].join('\n')
    expect(text).not.toContain('child_process')
    expect(text).toContain('import("node-machine-id")')
  })
})
