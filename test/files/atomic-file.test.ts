import { chown, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { SYSTEM_CALLS, writeAtomically } from '../../src/files/atomic-file'
import { createExclusively } from '../../src/files/exclusive-file'
import { temporaryDir } from '../client/temporary-dir'
import { failing } from './failing-calls'

describe('writeAtomically', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('outwaits %s at the rename', async (code) => {
    const file = path.join(await temporaryDir(), 'file')
    const calls = failing(code, 3)
    await writeAtomically(file, 'text', { calls })
    expect(calls.failures()).toBe(3)
    expect(await readFile(file, 'utf8')).toBe('text')
  })

  it('gives up after ten tries, keeps the old content, leaves nothing behind', async () => {
    const dir = await temporaryDir()
    const file = path.join(dir, 'file')
    await writeFile(file, 'old')
    const calls = failing('EBUSY')
    await expect(writeAtomically(file, 'new', { calls })).rejects.toThrow('EBUSY')
    expect(calls.failures()).toBe(10)
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await readdir(dir)).toEqual(['file'])
  })

  it('sweeps what killed writers left, once it is older than an hour', async () => {
    const dir = await temporaryDir()
    const leftover = (age: string) => path.join(dir, `file.${age.repeat(16)}.tmp`)
    for (const [age, minutes] of [
      ['a', 61],
      ['b', 59],
    ] as const) {
      await writeFile(leftover(age), '')
      const then = new Date(Date.now() - minutes * 60_000)
      await utimes(leftover(age), then, then)
    }
    await writeAtomically(path.join(dir, 'file'), 'text')
    expect((await readdir(dir)).sort()).toEqual(['file', path.basename(leftover('b'))])
  })

  it('touches nothing else in a shared folder, and does not make it', async () => {
    const dir = await temporaryDir()
    const leftover = path.join(dir, `other.${'a'.repeat(16)}.tmp`)
    await writeFile(leftover, '')
    await utimes(leftover, new Date(0), new Date(0))
    await writeAtomically(path.join(dir, 'file'), 'text', { sharedFolder: true })
    expect((await readdir(dir)).sort()).toEqual(['file', path.basename(leftover)])
    expect((await stat(path.join(dir, 'file'))).mode & 0o777).toBe(0o600)

    const missing = path.join(dir, 'missing', 'file')
    await expect(writeAtomically(missing, 'text', { sharedFolder: true })).rejects.toThrow('ENOENT')
  })
})

describe.runIf(process.getuid?.() === 0)('root in the folder of a user', () => {
  const USER = 12_345

  it('leaves what it writes there to the user, and folders it makes', async () => {
    const dir = await temporaryDir()
    await chown(dir, USER, USER)
    const file = path.join(dir, 'vendor', 'app', 'file')
    await writeAtomically(file, 'text')
    await createExclusively(path.join(dir, 'vendor', 'app', 'key'), 'text')
    for (const made of ['vendor', 'vendor/app', 'vendor/app/file', 'vendor/app/key']) {
      expect(await stat(path.join(dir, made)), made).toMatchObject({ uid: USER, gid: USER })
    }
  })

  it('keeps what it writes in a folder that is shared with others', async () => {
    const dir = await temporaryDir()
    await chown(dir, USER, USER)
    await writeAtomically(path.join(dir, 'file'), 'text', { sharedFolder: true })
    expect(await stat(path.join(dir, 'file'))).toMatchObject({ uid: 0 })
  })
})

describe('createExclusively', () => {
  it.each([
    ['with links', SYSTEM_CALLS],
    ['without links', { ...SYSTEM_CALLS, link: () => Promise.reject(new Error('no links')) }],
  ])('keeps the content of the first writer, %s', async (_, calls) => {
    const dir = await temporaryDir()
    const file = path.join(dir, 'file')
    const created = [
      await createExclusively(file, 'first', { calls }),
      await createExclusively(file, 'second', { calls }),
    ]
    expect(created).toEqual([true, false])
    expect(await readFile(file, 'utf8')).toBe('first')
    expect(await readdir(dir)).toEqual(['file'])
  })
})
