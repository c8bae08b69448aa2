import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { allKeys } from '../../../src/server/signing/keyring'
import { loadKeyring, revokeKeyInFile, rotateKeyringFile } from '../../../src/server/signing/keyring-file'
import { childScript } from '../../child-script'
import { temporaryDir } from '../../client/temporary-dir'

const CHANGER = fileURLToPath(new URL('keyring-changer.ts', import.meta.url))
const isWindows = process.platform === 'win32'

/** Runs a process that revokes keys and then rotates so many times. */
async function changer(file: string, times: number, ...leaked: string[]): Promise<void> {
  const script = await childScript(CHANGER)
  const child = spawn(process.execPath, [script, file, String(times), ...leaked], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  expect(await once(child, 'close')).toEqual([0, null])
}

async function newKeyring(): Promise<{ readonly file: string; readonly first: string }> {
  const file = path.join(await temporaryDir(), 'keys.json')
  return { file, first: (await loadKeyring(file)).current.kid }
}

describe('changes of a keyring file at once', () => {
  // Before there was a lock, 30 rotations by six processes left 24 of 31 keys.
  it('loses no key of six processes that rotate', async () => {
    const { file } = await newKeyring()
    await Promise.all(Array.from({ length: 6 }, () => changer(file, 5)))
    expect(allKeys(await loadKeyring(file))).toHaveLength(31)
    expect(await readdir(path.dirname(file))).toEqual(['keys.json'])
  }, 60_000)

  // Before, 2 of 21 keys were left.
  it('loses none of rotations in one process', async () => {
    const { file } = await newKeyring()
    const made = await Promise.all(Array.from({ length: 20 }, () => rotateKeyringFile(file)))
    const kids = allKeys(await loadKeyring(file)).map(({ kid }) => kid)
    expect(kids).toHaveLength(21)
    expect(kids).toEqual(expect.arrayContaining(made.map(({ current }) => current.kid)))
  })

  // Before, up to 9 of 20 revocations were lost.
  it('loses no revocation beside a rotation', async () => {
    let lost = 0
    for (let round = 0; round < 20; round++) {
      const { file, first } = await newKeyring()
      await rotateKeyringFile(file)
      await Promise.all([revokeKeyInFile(file, first), rotateKeyringFile(file)])
      const { revoked } = await loadKeyring(file)
      if (!revoked.some(({ kid }) => kid === first)) lost++
    }
    expect(lost).toBe(0)
  })
})

describe('a lock that was left', () => {
  it('of a process that died holds nobody up for longer than seconds', async () => {
    const { file } = await newKeyring()
    await writeFile(`${file}.lock`, 'of a process that was killed')
    const startedAt = performance.now()
    await Promise.all([rotateKeyringFile(file), rotateKeyringFile(file), changer(file, 1)])
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(allKeys(await loadKeyring(file))).toHaveLength(4)
    expect(await readdir(path.dirname(file))).toEqual(['keys.json'])
  }, 60_000)
})

describe.skipIf(isWindows)('what a keyring file is', () => {
  it('stays: its mode, its owner, and a link that leads to it', async () => {
    const { file } = await newKeyring()
    const folder = path.join(await temporaryDir(), 'linked')
    await mkdir(folder)
    const linked = path.join(folder, 'keys.json')
    await symlink(file, linked)
    await chmod(file, 0o640)
    const { uid, gid } = await stat(file)

    await rotateKeyringFile(linked)
    expect((await lstat(linked)).isSymbolicLink()).toBe(true)
    expect(await readFile(linked, 'utf8')).toBe(await readFile(file, 'utf8'))
    expect(allKeys(await loadKeyring(file))).toHaveLength(2)
    const after = await stat(file)
    expect([after.mode & 0o777, after.uid, after.gid]).toEqual([0o640, uid, gid])
    expect(await readdir(folder)).toEqual(['keys.json'])
  })

  it.skipIf(process.getuid?.() !== 0)('keeps its owner where the system administrator changes it', async () => {
    const { file } = await newKeyring()
    await chown(file, 12_345, 23_456)
    await rotateKeyringFile(file)
    const { uid, gid, mode } = await stat(file)
    expect([uid, gid, mode & 0o777]).toEqual([12_345, 23_456, 0o600])
  })

  it('is warned about once where group or others have rights on it', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    try {
      const { file } = await newKeyring()
      await loadKeyring(file)
      expect(warning).not.toHaveBeenCalled()
      await chmod(file, 0o604)
      await loadKeyring(file)
      await loadKeyring(file)
      await rotateKeyringFile(file)
      expect(warning.mock.calls).toEqual([
        [expect.stringContaining(`${file} has mode 0604`), { code: 'KEYSLOT_KEYRING_OPEN' }],
      ])
    } finally {
      warning.mockRestore()
    }
  })
})
