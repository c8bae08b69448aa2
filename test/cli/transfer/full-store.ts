import { addDuration } from '../../../src/domain/calendar'
import { openService } from './run-command'

/** Fills a store with something of every kind, through the service as a vendor would. */
export async function fillStore(storage: string): Promise<void> {
  const { licensing, store } = await openService(storage)
  const product = await licensing.products.create({ name: 'Editor', entitlements: ['export'], graceSeconds: 0 })
  const version = await licensing.products.createVersion(product.id, { version: '2.1.0', description: 'Second' })
  await licensing.accessTokens.create({ name: 'shop', kind: 'secret', scopes: ['licenses:write'] })
  await licensing.accessTokens.create({ name: 'app', kind: 'publishable', scopes: [], productIds: [product.id] })
  await licensing.webhooks.create({ url: 'https://shop.example/hooks' })
  const customer = await licensing.customers.create({ name: 'Ada \u{1F512} “Lovelace”', email: 'ada@example.com' })
  const limited = await licensing.licenses.create({
    productId: product.id,
    maxActivations: 2,
    expiresAt: new Date('+012345-06-07T08:09:10.123Z'),
    customer: { id: customer.id },
    metadata: { order: { id: 4711, lines: [1, null, 'ü'] } },
    allowedHosts: ['host-1', 'host-2'],
    versionId: version.id,
    externalId: 'order \u{1F9FE} 4711',
  })
  const floating = await licensing.licenses.create({ productId: product.id, floating: { maxConcurrentSessions: 5 } })
  await licensing.customers.update(customer.id, { active: true })
  const now = new Date()
  const rows = { id: 'act_1', deviceTag: 'Lab', address: '192.0.2.1', appVersion: '2.1', licensee: null, jti: 'lt_1' }
  await store.claimActivation(
    licensing.accountId,
    { canonicalKey: limited.key, productId: product.id },
    { ...rows, hostId: 'host-1', licensee: { name: 'Ada', email: null } },
    { now },
  )
  await store.claimSession(
    licensing.accountId,
    { canonicalKey: floating.key, productId: product.id },
    {
      id: 'ses_1',
      hostId: 'host-2',
      userIdentifier: 'ada',
      deviceTag: null,
      address: null,
      proofKey: null,
      secret: 'session-secret',
      nonce: 'session-nonce',
    },
    { now: addDuration(now, { amount: 1, unit: 'day' }) },
  )
  // Its tokens go on the revocation list.
  await licensing.licenses.block(limited.key)
  const other = await licensing.createAccount({ name: 'Another vendor', plan: 'free' })
  const theirs = licensing.forAccount(other.id)
  const viewer = await theirs.products.create({ name: 'Viewer' })
  await theirs.licenses.create({ productId: viewer.id, customer: { name: 'Grace', email: 'ada@example.com' } })
  await licensing.close()
}
