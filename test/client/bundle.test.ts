import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** jose's jwtVerify is 5.3 kB of this, lru-cache 5.9 kB. */
const MAX_GZIP_BYTES = 23_040

async function bundle() {
  const result = await build({
    entryPoints: [path.join(import.meta.dirname, '../../src/client/index.ts')],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['node-machine-id'],
    write: false,
    metafile: true,
  })
  const [output] = result.outputFiles
  return { text: output?.text ?? '', inputs: Object.keys(result.metafile.inputs) }
}

describe('the client bundle', () => {
  it('stays small', async () => {
    const { text } = await bundle()
    expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIP_BYTES)
  })

  it('holds no server, no driver, no validator, and starts no process', async () => {
    const { text, inputs } = await bundle()
    const packages = inputs.filter((input) =>
      /express|zod|better-sqlite3|axios|\/pg\/|src\/server|commander/.test(input),
    )
    expect(packages).toEqual([])
    expect(text).not.toContain('child_process')
    expect(text).toContain('import("node-machine-id")')
  })
})
