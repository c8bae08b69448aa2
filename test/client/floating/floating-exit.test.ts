import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import { PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { compileScript } from '../processes'
import { HOST_ID, LICENSE_KEY, PRODUCT_ID } from '../token-factory'

/** An app that holds a seat, says so, and ends as its second argument has it. */
const APP = `
  import { createLicenseKit } from '../../src/client'
  const [serverUrl, end, jwk] = process.argv.slice(2)
  const kit = createLicenseKit({
    serverUrl,
    productId: '${PRODUCT_ID}',
    accessToken: '${PUBLISHABLE_TOKEN}',
    trustedKeys: [JSON.parse(jwk)],
    appName: 'acme-editor',
    hostId: '${HOST_ID}',
    maxTries: 1,
  })
  const options = { handleSignals: end.startsWith('signal'), checkinOnExit: end !== 'end without check-in' }
  const session = await kit.floating.checkout('${LICENSE_KEY}', options)
  if (end === 'exit') process.exit(0)
  if (end.startsWith('signal')) setInterval(() => undefined, 1_000)
  if (end === 'signal and the app listens') process.on('SIGTERM', () => setTimeout(() => process.exit(7), 500))
  process.stdout.write('holding')
`

describe('a session when its process ends', () => {
  let app: (args: string[]) => ChildProcess

  beforeAll(async () => {
    app = await compileScript(APP)
  })

  async function run(end: string, signal?: NodeJS.Signals) {
    const server = await startLicenseServer()
    const child = app([server.url, end, JSON.stringify(server.key.jwk)])
    if (signal !== undefined && child.stdout !== null) {
      await once(child.stdout, 'data')
      child.kill(signal)
    }
    const startedAt = performance.now()
    const [code, killedBy] = await once(child, 'close')
    const paths = server.requests.map(({ path }) => path.split('/').pop())
    return { code, killedBy, paths, seats: server.sessions.live.size, elapsedMs: performance.now() - startedAt }
  }

  it('does not keep it alive, and checks in when nothing is left to do', async () => {
    expect(await run('end')).toMatchObject({ code: 0, paths: ['checkout', 'checkin'], seats: 0 })
  })

  it('leaves the seat to its lease where asked to, and on process.exit(), which waits for nothing', async () => {
    expect(await run('end without check-in')).toMatchObject({ code: 0, paths: ['checkout'], seats: 1 })
    expect(await run('exit')).toMatchObject({ code: 0, paths: ['checkout'], seats: 1 })
  })

  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'handleSignals: %s checks in, then kills',
    async (signal) => {
      const result = await run('signal', signal)
      expect(result).toMatchObject({ code: null, killedBy: signal, paths: ['checkout', 'checkin'], seats: 0 })
    },
  )

  it('handleSignals leaves ending to an app that listens itself', async () => {
    const result = await run('signal and the app listens', 'SIGTERM')
    expect(result).toMatchObject({ code: 7, killedBy: null, paths: ['checkout', 'checkin'], seats: 0 })
  })
})
