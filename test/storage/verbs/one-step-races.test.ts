import { describe, expect, it } from 'vitest'
import { ACCOUNT, NOW, newActivation, newEndpoint, newProofKey } from './kit/entities'
import { tally } from './kit/outcomes'
import { atOnce, claimCarelessly, createRushes, fillSlots, heldBy, RUSH, rulesOf, sellRoom } from './one-step-scene'

const LIMIT = 7
const LEFT_OUT = RUSH - LIMIT
const rushes = createRushes()

describe.each(['memory', 'sqlite'] as const)(`${RUSH} at once, on %s`, (engine) => {
  it('new hosts take a slot as often as the allowance says, each with its spending', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush)
    const rules = rulesOf({ activations: LIMIT })
    const outcomes = await atOnce(rush, (store, index) =>
      store.claimActivation(ACCOUNT.id, sale.target, { ...newActivation(`host-${index}`), rules }, { now: NOW }),
    )
    expect(tally(outcomes)).toEqual({ created: LIMIT, 'rate-limited': LEFT_OUT })
    const hosts = (await heldBy(rush, sale)).map(({ hostId }) => hostId).toSorted()
    expect(hosts).toHaveLength(LIMIT)
    expect(await rush.spent('activations')).toEqual(hosts)
  })

  it('hosts that are refused for another reason spend nothing, though they ask first', async () => {
    const rush = await rushes[engine]()
    const allowedHosts = Array.from({ length: RUSH / 2 }, (_, index) => `host-${RUSH / 2 + index}`)
    const sale = await sellRoom(rush, { allowedHosts })
    const rules = rulesOf({ activations: LIMIT })
    const outcomes = await atOnce(rush, (store, index) =>
      store.claimActivation(ACCOUNT.id, sale.target, { ...newActivation(`host-${index}`), rules }, { now: NOW }),
    )
    const expected = { created: LIMIT, 'host-not-allowed': RUSH / 2, 'rate-limited': RUSH / 2 - LIMIT }
    expect(tally(outcomes)).toEqual(expected)
    expect(await rush.spent('activations')).toEqual((await heldBy(rush, sale)).map(({ hostId }) => hostId).toSorted())
  })

  it('hosts that find every slot taken spend nothing', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush, { maxActivations: LIMIT })
    const rules = rulesOf({ activations: RUSH })
    const outcomes = await atOnce(rush, (store, index) =>
      store.claimActivation(ACCOUNT.id, sale.target, { ...newActivation(`host-${index}`), rules }, { now: NOW }),
    )
    expect(tally(outcomes)).toEqual({ created: LIMIT, 'limit-reached': LEFT_OUT })
    expect(await rush.spent('activations')).toEqual((await heldBy(rush, sale)).map(({ hostId }) => hostId).toSorted())
  })

  it('hosts give up their slots: as many are free at once as the allowance says, the others rest', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush)
    await fillSlots(rush, sale)
    const rules = rulesOf({ moves: LIMIT })
    // Half of them show the wrong key.
    const outcomes = await atOnce(rush, (store, index) => {
      const proofKey = newProofKey(index % 4 < 2 ? `old ${index}` : 'another')
      const target = { ...sale.target, hostId: `host-${index}`, proofKey, rules }
      return store.releaseActivation(ACCOUNT.id, target, { now: NOW })
    })
    const { surrendered = 0, 'proof-required': refused = 0 } = tally(outcomes)
    expect(tally(outcomes)).toEqual({ released: LIMIT, surrendered, 'proof-required': refused })
    expect(surrendered + refused).toBe(LEFT_OUT)
    const held = await heldBy(rush, sale)
    expect(held.filter(({ surrenderedAt }) => surrenderedAt !== null)).toHaveLength(surrendered)
    expect(held).toHaveLength(LEFT_OUT)
    const jtis = new Set(held.map(({ jti }) => jti))
    const gone = Array.from({ length: RUSH }, (_, index) => `jti_host-${index}`).filter((jti) => !jtis.has(jti))
    expect(await rush.spent('moves')).toEqual(gone.toSorted())
  })

  it('devices are freed as often as the allowance says', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush)
    await fillSlots(rush, sale)
    const rules = rulesOf({ frees: LIMIT })
    const outcomes = await atOnce(rush, (store, index) =>
      store.releaseDevice(ACCOUNT.id, { ...sale.target, device: `act_host-${index}`, rules }, { now: NOW }),
    )
    expect(tally(outcomes)).toEqual({ released: LIMIT, 'rate-limited': LEFT_OUT })
    expect(await heldBy(rush, sale)).toHaveLength(LEFT_OUT)
    expect(await rush.spent('frees')).toHaveLength(LIMIT)
  })

  it('devices are replaced as often as both allowances say; whoever is refused by one spends nothing of the other', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush, { maxActivations: RUSH })
    await fillSlots(rush, sale)
    const rules = rulesOf({ moves: RUSH, frees: LIMIT })
    const outcomes = await atOnce(rush, (store, index) => {
      const asked = { ...newActivation(`new-${index}`), replaceDevice: `act_host-${index}`, rules }
      return store.claimActivation(ACCOUNT.id, sale.target, asked, { now: NOW })
    })
    expect(tally(outcomes)).toEqual({ moved: LIMIT, 'rate-limited': LEFT_OUT })
    const moved = (await heldBy(rush, sale)).filter(({ hostId }) => hostId.startsWith('new-'))
    expect(moved).toHaveLength(LIMIT)
    const spent = moved.map(({ id }) => `jti_${id.slice('act_'.length)}`).toSorted()
    expect(await rush.spent('frees')).toEqual(spent)
    expect(await rush.spent('moves')).toEqual(spent)
  })

  it('users of one host are bound as many as it may have, and one too many', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush)
    await fillSlots(rush, sale, 1)
    const rules = rulesOf({ usersPerHost: LIMIT })
    const outcomes = await atOnce(rush, (store, index) => {
      const asked = { ...newActivation('host-0', { proofKey: newProofKey(`new ${index}`) }), rules }
      return store.claimActivation(ACCOUNT.id, sale.target, asked, { now: NOW })
    })
    expect(tally(outcomes)).toEqual({ rebound: LIMIT, 'users-exceeded': LEFT_OUT })
    const [held] = await heldBy(rush, sale)
    const keys = held?.keys ?? []
    expect(keys[0]?.thumbprint).toBe(newProofKey('old 0'))
    expect(new Set(keys.map(({ thumbprint }) => thumbprint)).size).toBe(LIMIT + 1)
    expect(keys.map(({ until }) => until !== null)).toEqual([...Array.from({ length: LIMIT }, () => false), true])
  })

  it('whoever reads first and claims in a second step lets more through: that is what is tried here', async () => {
    const rush = await rushes[engine]()
    const sale = await sellRoom(rush)
    const outcomes = await atOnce(rush, (store, index) => claimCarelessly(store, sale, `host-${index}`, LIMIT))
    expect(tally(outcomes).created).toBeGreaterThan(LIMIT)
  })
})

describe.each(['memory', 'sqlite'] as const)('9 webhook secrets rotated at once, on %s', (engine) => {
  const secrets = Array.from({ length: 9 }, (_, index) => `whsec_${index}`)

  /** The secrets that took over from the one before, from the last to the first. */
  function chainOf(answers: readonly (readonly string[])[], last: string): readonly string[] {
    const before = new Map(answers.map(([own = '', previous = '']) => [own, previous]))
    const chain: string[] = []
    for (let secret: string | undefined = last; secret !== undefined; secret = before.get(secret)) chain.push(secret)
    return chain
  }

  it('are each stored, and take over one from the other: none is shown that does not sign', async () => {
    const rush = await rushes[engine]()
    const { stores } = rush
    await stores[0].insertWebhookEndpoint(ACCOUNT.id, newEndpoint('a'), { now: NOW })
    const outcomes = await Promise.all(
      secrets.map((secret, index) =>
        stores[index % 2 === 0 ? 0 : 1].rotateWebhookSecret(ACCOUNT.id, 'hook_a', secret, { now: NOW }),
      ),
    )
    const answers = outcomes.map((outcome) =>
      'endpoint' in outcome ? outcome.endpoint.secrets.map((one) => one.secret) : [],
    )
    expect(answers.map(([own]) => own)).toEqual(secrets)
    const [stored] = (await stores[1].listWebhookEndpoints(ACCOUNT.id, { limit: 1 })).items
    const [current, previous] = stored?.secrets ?? []
    expect(answers.map((one) => one.slice(0, 2))).toContainEqual([current?.secret, previous?.secret])
    expect(previous?.expiresAt).toEqual(new Date(NOW.getTime() + 86_400_000))
    expect(new Set(stored?.secrets.map(({ secret }) => secret))).toEqual(new Set([...secrets, 'whsec_a']))
    const chain = chainOf(answers, current?.secret ?? '')
    expect(chain).toHaveLength(secrets.length + 1)
    expect(chain.at(-1)).toBe('whsec_a')
  })

  it('are lost where each is put before what was read earlier', async () => {
    const rush = await rushes[engine]()
    const [store] = rush.stores
    await store.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('a'), { now: NOW })
    let stored = ['whsec_a']
    const answers = await Promise.all(
      secrets.map(async (secret) => {
        const [previous = ''] = stored
        await store.listWebhookEndpoints(ACCOUNT.id, { limit: 1 })
        stored = [secret, previous]
        return stored
      }),
    )
    expect(chainOf(answers, stored[0] ?? '').length).toBeLessThan(secrets.length + 1)
  })
})
