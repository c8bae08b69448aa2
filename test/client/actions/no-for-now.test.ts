import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { REVOCATION_LIST_TYP, revocationId } from '../../../src/protocol'
import { createDesk, type Desk } from '../desk'
import { codeOf } from '../error-code'
import { createClaims, HOST_ID, LICENSE_KEY, signToken } from '../token-factory'

const { iat, exp, lid, stamp } = createClaims()

async function activated(): Promise<Desk> {
  const desk = await createDesk()
  await desk.start().activate(LICENSE_KEY)
  return desk
}

async function storedIn({ dataDir }: Desk): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
}

function free({ server }: Desk): void {
  server.activeHosts.clear()
  server.freedHosts.add(HOST_ID)
}

/** The vendor deletes the license: the list names it while its tokens live. */
function deleteLicense({ server }: Desk): void {
  const entries = [[revocationId(lid), stamp + 1, exp]]
  server.deleted = true
  server.activeHosts.clear()
  server.revocationList = signToken(
    server.key,
    { iss: 'keyslot', iat, product: null, entries },
    { typ: REVOCATION_LIST_TYP },
  )
}

describe('a license that was refused', () => {
  it('is asked about again, and takes a later yes, in every process', async () => {
    const desk = await activated()
    const { proofKey } = await storedIn(desk)
    desk.server.blocked = true
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED', refreshDue: true })
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', lastContact: { code: 'REVOKED' } })
    const running = desk.start()
    expect(await running.check()).toMatchObject({ status: 'revoked' })
    desk.server.blocked = false
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    expect(await running.check()).toMatchObject({ status: 'valid' })
    expect((await storedIn(desk)).proofKey).toEqual(proofKey)
    const activations = desk.server.requests.filter(({ path: asked }) => asked.endsWith('/activate'))
    expect(activations).toHaveLength(1)
  })

  it('stays refused while nobody answers, and says why', async () => {
    const desk = await activated()
    desk.server.blocked = true
    await desk.start().refresh()
    desk.server.fault = (response) => response.destroy() !== undefined
    expect(await desk.start().refresh()).toMatchObject({
      status: 'revoked',
      reason: 'REVOKED',
      lastContact: { code: 'SERVER_UNREACHABLE' },
    })
  })

  it('never takes a slot unasked where this host was freed, and takes a yes', async () => {
    const desk = await activated()
    free(desk)
    for (let call = 0; call < 3; call++) {
      expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'ACTIVATION_REVOKED' })
    }
    expect(desk.server.activeHosts.size).toBe(0)
    // The vendor forgets the host: nothing is taken either.
    desk.server.freedHosts.clear()
    desk.server.proofs.keys.clear()
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'ACTIVATION_NOT_FOUND' })
    expect(desk.server.activeHosts.size).toBe(0)
    // The vendor gives the slot back.
    desk.server.activeHosts.add(HOST_ID)
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
  })

  it('is activated again by itself where it was deleted, and exists again under its key', async () => {
    const desk = await activated()
    deleteLicense(desk)
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_NOT_FOUND' })
    // Tokens of the new license have a stamp above the entry of the old one.
    desk.server.claims = { stamp: stamp + 2 }
    desk.server.deleted = false
    desk.server.proofs.keys.clear()
    desk.server.activeHosts.add('somebody else')
    expect(await desk.start().refresh()).toMatchObject({ reason: 'LICENSE_NOT_FOUND', status: 'revoked' })
    expect((await desk.start().check()).lastContact?.code).toBe('ACTIVATION_LIMIT_REACHED')
    desk.server.activeHosts.clear()
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    expect([...desk.server.activeHosts]).toEqual([HOST_ID])
  })

  it('by a revocation list is asked about, too', async () => {
    const desk = await activated()
    deleteLicense(desk)
    const list = String(desk.server.revocationList)
    expect(await desk.start().importRevocationList(list)).toMatchObject({ status: 'revoked', refreshDue: true })
    desk.server.deleted = false
    desk.server.activeHosts.add(HOST_ID)
    desk.server.claims = { stamp: stamp + 2 }
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
  })

  it('is activated again by its stored key, without another entry', async () => {
    const desk = await activated()
    free(desk)
    await desk.start().refresh()
    expect(await desk.start().activate()).toMatchObject({ status: 'valid' })
    expect(await codeOf((await createDesk()).start().activate())).toBe('NOT_ACTIVATED')
  })

  it('leaves nothing behind once it is given up', async () => {
    const desk = await activated()
    desk.server.blocked = true
    const kit = desk.start()
    await kit.refresh()
    expect((await storedIn(desk)).recovery).toBeDefined()
    expect(await kit.deactivate()).toEqual({
      outcome: 'not-activated',
      message: 'No license is activated on this computer.',
      persisted: true,
      releaseAt: null,
    })
    await expect(storedIn(desk)).rejects.toMatchObject({ code: 'ENOENT' })
    desk.server.blocked = false
    const asked = desk.server.requests.length
    expect(await kit.refresh()).toMatchObject({ status: 'not-activated' })
    expect(desk.server.requests).toHaveLength(asked)
  })

  it('is not brought back by an answer that comes after it was given up', async () => {
    const desk = await activated()
    desk.server.blocked = true
    await desk.start().refresh()
    desk.server.blocked = false
    const another = desk.start()
    desk.server.fault = (response, { path: asked }) => {
      if (!asked.endsWith('/validate')) return false
      const yes = JSON.stringify({ code: 0, valid: true, licenseToken: [...desk.server.issued].at(-1) })
      void another.deactivate().then(() => response.end(yes))
      return true
    }
    expect(await desk.start().refresh()).toMatchObject({ status: 'not-activated' })
    expect(await desk.start().check()).toMatchObject({ status: 'not-activated' })
  })
})
