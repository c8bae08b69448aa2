import { describe, expect, it } from 'vitest'
import { createLicensing, loadKeyring } from '../../src/server'
import { sqliteStorage } from '../../src/storage/sqlite'
import { createStore } from '../../src/storage/verbs/create-store'
import { RESTING } from '../storage/verbs/kit/spending'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchStore } from './scratch-folder'

const DAY_SECONDS = 86_400

interface ProductJson {
  readonly id: string
  readonly packageId: number
}

describe('keyslot product', () => {
  it('says what apps must prove, what users may do, and how long a trial is', async () => {
    const { args: store } = scratchStore()
    const create = (...more: string[]) => keyslotJson<ProductJson>('product', 'create', ...store, 'E', ...more)
    const plain = await create()
    expect(plain).toMatchObject({ requireProof: false, selfService: false, onClone: 'event', trialSeconds: null })
    const strict = await create('--require-proof', '--self-service', '--trial-days', '14')
    const terms = { requireProof: true, selfService: true, trialSeconds: 14 * DAY_SECONDS }
    expect(strict).toMatchObject(terms)

    const { stdout } = await keyslot('product', 'list', ...store)
    expect(stdout).toMatch(/^1 .* optional +vendor only +none +-$/m)
    expect(stdout).toMatch(/^2 .* required +self-service +14 days +-$/m)

    const update = (...changes: string[]) => keyslotJson('product', 'update', '2', ...store, ...changes)
    expect(await update('--name', 'Editor')).toEqual({ ...strict, name: 'Editor' })
    expect(await update('--no-require-proof')).toMatchObject({ ...terms, requireProof: false })
    expect(await update('--no-self-service', '--trial-days', '7')).toMatchObject({
      requireProof: false,
      selfService: false,
      trialSeconds: 7 * DAY_SECONDS,
    })
    expect(await update('--trial-days', 'none', '--require-proof', '--self-service')).toMatchObject({
      requireProof: true,
      selfService: true,
      trialSeconds: null,
    })
    const shown = await keyslot('product', 'update', '2', ...store, '--trial-days', '1')
    expect(shown.stdout).toMatch(
      /^Proof of possession +required\nDevice self-service +self-service\nCloned hosts +event\nTrial +1 day$/m,
    )
  })

  it('says what follows where a host was cloned', async () => {
    const { args: store } = scratchStore()
    const make = (...more: string[]) => keyslotJson('product', 'create', ...store, 'E', ...more)
    expect(await make('--on-clone', 'reactivate')).toMatchObject({ onClone: 'reactivate' })
    expect(await keyslotJson('product', 'update', '1', ...store, '--on-clone', 'event')).toMatchObject({
      onClone: 'event',
    })
    const { code, stderr } = await keyslot('product', 'update', '1', ...store, '--on-clone', 'block')
    expect([code, stderr]).toEqual([2, expect.stringContaining('event, reactivate')])
  })

  it('says how many users a computer may have, and so does a license', async () => {
    const { args: store } = scratchStore()
    const created = await keyslotJson('product', 'create', ...store, 'E', '--users-per-host', '12')
    expect(created).toMatchObject({ usersPerHost: 12 })
    const update = (...changes: string[]) => keyslotJson('product', 'update', '1', ...store, ...changes)
    expect(await update('--name', 'F')).toMatchObject({ usersPerHost: 12 })
    expect(await update('--users-per-host', 'default')).toMatchObject({ usersPerHost: null })
    const made = ['license', 'create', ...store, '--product', '1', '--users-per-host', '32']
    const { key } = await keyslotJson<{ key: string }>(...made)
    const show = async () => (await keyslot('license', 'show', key, ...store)).stdout
    expect(await show()).toMatch(/^Users per host +32$/m)
    await keyslot('license', 'update', key, ...store, '--users-per-host', 'default')
    expect(await show()).not.toMatch(/Users per host/)
    const { code, stderr } = await keyslot('product', 'update', '1', ...store, '--users-per-host', '33')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--users-per-host')])
  })

  it.each(['0', '3651', '1.5', 'a week'])('takes no trial of %s days', async (days) => {
    const { args: store } = scratchStore()
    const { code, stderr } = await keyslot('product', 'create', ...store, 'E', '--trial-days', days)
    expect(code).toBe(2)
    expect(stderr).toContain('--trial-days')
  })
})

describe('keyslot license show', () => {
  it('tells hosts that are bound to a key, and slots that rest', async () => {
    const { file, args: store } = scratchStore()
    const storage = sqliteStorage({ file })
    const licensing = await createLicensing({ storage, keyring: await loadKeyring(`${file}.keys.json`) })
    const verbs = createStore(storage)
    const product = await licensing.products.create({ name: 'Editor' })
    const { key, license } = await licensing.licenses.create({ productId: product.id, maxActivations: 9 })
    const target = { canonicalKey: license.canonicalKey, productId: product.id }
    const said = { deviceTag: null, address: null, appVersion: null, licensee: null }
    const now = new Date()
    const proofKey = 'x'.repeat(43)
    for (const hostId of ['bound', 'resting', 'plain']) {
      const activation = { ...said, id: `act_${hostId}`, jti: `lt_${hostId}`, hostId }
      const claim = { ...activation, ...(hostId === 'bound' && { proofKey }) }
      await verbs.claimActivation(licensing.accountId, target, claim, { now })
    }
    const release = { ...target, hostId: 'resting', rules: RESTING } as const
    await verbs.releaseActivation(licensing.accountId, release, { now })
    await licensing.close()

    const { stdout } = await keyslot('license', 'show', key, ...store)
    expect(stdout).toMatch(/^HOST +TAG +STATE +KEY +ADDRESS /m)
    expect(stdout).toMatch(/^bound +- +active +bound /m)
    expect(stdout).toMatch(/^resting +- +resting +- /m)
    expect(stdout).toMatch(/^plain +- +active +- /m)
    expect(stdout).toMatch(/^Activations +3 of 9$/m)
    const { activations } = await keyslotJson<{ activations: object[] }>('license', 'show', key, ...store)
    expect(activations).toContainEqual(
      expect.objectContaining({
        hostId: 'bound',
        keys: [expect.objectContaining({ thumbprint: proofKey })],
        surrenderedAt: null,
      }),
    )
  })
})
