import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyslot-prerm-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** The hook with its names filled in: the program leaves a mark where it is run, for one user, who runs these tests. */
async function prepare(): Promise<string> {
  const home = join(folder, 'homes', 'somebody')
  await mkdir(join(home, '.local/share/acme-editor/keyslot'), { recursive: true })
  const program = join(folder, 'program')
  await writeFile(program, `#!/bin/sh\necho ran; echo ran >&2; : >"${join(folder, 'mark')}"\nexit 1\n`, { mode: 0o755 })
  const hook = await readFile(new URL('debian/prerm', import.meta.url), 'utf8')
  const prerm = join(folder, 'prerm')
  const named = hook
    .replace("'/opt/acme-editor/acme-editor'", `'${program}'`)
    .replace("'/home'", `'${join(folder, 'homes')}'`)
    .replace('getent passwd', 'true')
  await writeFile(prerm, named, { mode: 0o755 })
  return prerm
}

/** What the hook does when dpkg calls it so. */
async function call(...args: string[]): Promise<{ code: number; output: string; ran: boolean }> {
  const prerm = await prepare()
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(prerm, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
    })
  })
  const ran = await access(join(folder, 'mark')).then(
    () => true,
    () => false,
  )
  return { code, output, ran }
}

describe('prerm', () => {
  it.each([
    ['upgrade', '1.0.1'],
    ['failed-upgrade', '1.0.0'],
    ['deconfigure', 'in-favour', 'other', '1.0', 'removing', 'old', '1.0'],
    ['remove', 'in-favour', 'other', '1.0'],
    ['purge'],
    [],
  ])('%s %s: keeps the license, and says nothing', async (...args) => {
    expect(await call(...args)).toEqual({ code: 0, output: '', ran: false })
  })

  it('remove: runs the program, quietly, and succeeds although that fails', async () => {
    // Becoming a user, be it oneself, takes root.
    expect(await call('remove')).toEqual({ code: 0, output: '', ran: process.getuid?.() === 0 })
  })
})
