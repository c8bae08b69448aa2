import { expect, it } from 'vitest'
import { asDriverError, loadDriver } from '../../src/storage/sqlite/driver'

it('a missing driver is told, naming the install command', async () => {
  const missing = Promise.reject(
    Object.assign(new Error("Cannot find package 'better-sqlite3' imported from /app/server.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    }),
  )
  await expect(loadDriver(() => missing)).rejects.toMatchObject({
    code: 'PEER_MISSING',
    message: expect.stringMatching(/npm install better-sqlite3@12$/),
  })
  const broken = Object.assign(new Error("Cannot find package 'bindings' imported from better-sqlite3"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
  await expect(loadDriver(() => Promise.reject(broken))).rejects.toBe(broken)
  const uncompiled = new Error('Could not locate the bindings file. Tried: …')
  expect(asDriverError(uncompiled)).toMatchObject({ code: 'PEER_MISSING' })
  expect(asDriverError(Object.assign(new Error('ABI'), { code: 'ERR_DLOPEN_FAILED' }))).toMatchObject({
    code: 'PEER_MISSING',
    message: expect.stringContaining('npm rebuild better-sqlite3'),
  })
})
