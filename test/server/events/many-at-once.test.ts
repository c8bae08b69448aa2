import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLicensing } from '../../../src/server/index'
import { createKeyring } from '../../../src/server/signing/keyring'
import { createEngines, ENGINES } from './engines'
import { createReceivers } from './receiver'

const open = createEngines()
const startReceiver = createReceivers()
const AT_ONCE = 50
const logger = { warn: () => undefined, error: () => undefined }

const warnings: Error[] = []
const onWarning = (warning: Error) => void warnings.push(warning)
beforeEach(() => void process.on('warning', onWarning))
afterEach(() => {
  process.off('warning', onWarning)
  warnings.length = 0
})

describe.each(ENGINES)(`${AT_ONCE} at once, on %s`, (engine) => {
  it('leave no listener too many', async () => {
    const { storage } = await open(engine)
    const webhooks = { allowedPrivateHosts: ['127.0.0.1'] }
    const keyring = createKeyring(new Date())
    const licensing = await createLicensing({ storage, keyring, adoptNewKeyring: true, logger, webhooks })
    const receivers = await Promise.all(Array.from({ length: 10 }, startReceiver))
    for (const receiver of receivers) {
      receiver.answer = (res) => void setTimeout(() => res.writeHead(204).end(), 100)
      await licensing.webhooks.create({ url: receiver.origin, eventTypes: ['product.created'] })
    }
    await Promise.all([
      ...Array.from({ length: AT_ONCE }, (_, index) => licensing.products.create({ name: `Editor ${index}` })),
      ...Array.from({ length: AT_ONCE }, () => licensing.runHousekeeping()),
      ...Array.from({ length: AT_ONCE }, () => licensing.runWebhooks()),
    ])
    await licensing.runWebhooks()
    const received = receivers.reduce((sum, one) => sum + one.received.length, 0)
    await Promise.all(Array.from({ length: AT_ONCE }, () => licensing.close()))
    await new Promise(setImmediate)
    expect(received).toBe(AT_ONCE * receivers.length)
    expect(warnings.map(String)).toEqual([])
  })
})

it(`${AT_ONCE} services that are opened and closed at once leave no listener too many`, async () => {
  const opened = await Promise.all(Array.from({ length: AT_ONCE }, () => open('memory')))
  const services = await Promise.all(
    opened.map(({ storage }) => createLicensing({ storage, keyring: createKeyring(new Date()), logger })),
  )
  await Promise.all(services.map((service) => service.close()))
  await new Promise(setImmediate)
  expect(warnings.map(String)).toEqual([])
})
