import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DiagnoseOptions } from '../../../src/client/diagnosis/diagnose-options'
import { BRIDGE_TYP, MOVED_TYP } from '../../../src/protocol'
import { createSigningKey, NOW, PRODUCT_ID, signToken } from '../token-factory'
import { daysLater, setUp, startServer } from './examined-desk'

describe('diagnose', () => {
  it('says that a bridge is in use, with the keys of the app and without any', async () => {
    const { doctor, server, dataDir } = await setUp()
    const [lostAt, until] = [daysLater(1), daysLater(60)].map((date) => date.getTime() / 1000)
    const claims = { iss: 'keyslot', iat: lostAt, product: PRODUCT_ID, lostAt, until }
    const write = (text: string) => writeFile(path.join(dataDir, 'bridge.jws'), text)
    const asked = (keys: DiagnoseOptions['trustedKeys']) => doctor({ trustedKeys: keys, now: () => daysLater(50) })
    server.fault = (response) => {
      response.destroy()
      return true
    }
    await write(signToken(server.key, claims, { typ: BRIDGE_TYP }))
    for (const keys of [[server.key.jwk], undefined]) {
      expect(await asked(keys)).toMatchObject({
        healthy: true,
        license: { status: 'grace', reason: 'SERVER_LOST', graceEndsAt: daysLater(60) },
        notes: expect.arrayContaining(['The license server is lost for now. The license goes on without it.']),
      })
    }
    await write(signToken(createSigningKey(), claims, { typ: BRIDGE_TYP, kid: server.key.kid }))
    expect(await asked([server.key.jwk])).toMatchObject({ license: { status: 'expired', reason: 'TOKEN_EXPIRED' } })
    await write('nonsense')
    expect(await asked(undefined)).toMatchObject({ license: { status: 'expired', reason: 'TOKEN_EXPIRED' } })
  })

  it('asks a server that has moved where it is now', async () => {
    const { doctor, server, dataDir } = await setUp()
    const next = await startServer()
    const claims = { iss: 'keyslot', iat: NOW.getTime() / 1000, serverUrl: next.url }
    const line = signToken(server.key, claims, { typ: MOVED_TYP })
    await writeFile(path.join(dataDir, 'moved.jws'), `${line}\n${server.url}`)
    expect(await doctor()).toMatchObject({ server: { url: next.url, namedBy: 'statement', health: 'ok' } })
    await writeFile(path.join(dataDir, 'moved.jws'), `${line}\nhttps://elsewhere.example.com`)
    expect(await doctor()).toMatchObject({ server: { url: server.url, namedBy: 'license' } })
  })
})
