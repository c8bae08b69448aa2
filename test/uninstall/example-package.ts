import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export const PACKAGE = 'keyslot-example-app'

const HOOKS = new URL('../../examples/uninstall-hooks/', import.meta.url)

/** Where the package's files go, and what it finds there. */
export interface Placement {
  readonly prefix: string
  readonly homes: string
  /** Leaves out what the hook asks first. */
  readonly careless?: true
}

const GUARD = '[ "$1" = remove ] && [ "$2" != in-favour ] || exit 0\n'

/** Builds one version of the package, with the hook as the example has it; returns the path of the `.deb`. */
export async function buildPackage(folder: string, version: string, placement: Placement): Promise<string> {
  const tree = join(folder, `${PACKAGE}-${version}`)
  const installed = join(tree, placement.prefix)
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  mkdirSync(join(installed, 'resources'), { recursive: true })
  // As Electron does with ELECTRON_RUN_AS_NODE: a program that runs the script it is given.
  symlinkSync(process.execPath, join(installed, PACKAGE))
  await compile(
    readHook('uninstall.ts', { "'acme-editor'": `'${PACKAGE}'` }),
    join(installed, 'resources/uninstall.cjs'),
  )
  await compile(APP, join(installed, 'resources/app.cjs'))
  const control = { Package: PACKAGE, Version: version, Architecture: 'all', Maintainer: 'nobody <nobody@example.com>' }
  const fields = { ...control, Description: 'a licensed program' }
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(tree, 'DEBIAN/control'), text.join(''))
  writeFileSync(join(tree, 'DEBIAN/prerm'), prerm(placement), { mode: 0o755 })
  const deb = `${tree}.deb`
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Znone', tree, deb], { stdio: 'ignore' })
  return deb
}

/** The hook with its names filled in, as a vendor does. */
function prerm({ prefix, homes, careless }: Placement): string {
  return readHook('debian/prerm', {
    "'acme-editor'": `'${PACKAGE}'`,
    "'/opt/acme-editor/acme-editor'": `'${prefix}/${PACKAGE}'`,
    "'/opt/acme-editor/resources/uninstall.cjs'": `'${prefix}/resources/uninstall.cjs'`,
    "'/home'": `'${homes}'`,
    ...(careless ? { [GUARD]: '' } : {}),
  })
}

/** A file of the example with each of `replacements` found in it exactly once. */
function readHook(file: string, replacements: Readonly<Record<string, string>>): string {
  let source = readFileSync(new URL(file, HOOKS), 'utf8')
  for (const [placeholder, value] of Object.entries(replacements)) {
    assert.equal(source.split(placeholder).length, 2, `${file} holds ${placeholder} once`)
    source = source.replace(placeholder, value)
  }
  return source
}

/** The licensed program: `app.cjs OPTIONS COMMAND [KEY]` prints what came of it. */
const APP = `
  import { createLicenseKit } from 'keyslot/client'
  const [options, command, licenseKey] = process.argv.slice(2)
  const kit = createLicenseKit(JSON.parse(options))
  const work = { activate: () => kit.activate(licenseKey), check: () => kit.check(), refresh: () => kit.refresh() }
  work[command]().then(({ status }) => process.stdout.write(status))
`

async function compile(source: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents: source, resolveDir: fileURLToPath(HOOKS), loader: 'ts' },
    alias: { 'keyslot/client': fileURLToPath(new URL('../../src/client/index.ts', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile,
  })
}
