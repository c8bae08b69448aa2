import { afterAll } from 'vitest'
import type { Certificate } from './certificate'
import { type FakeProxy, openProxy } from './proxy-on-loopback'

const opened: FakeProxy[] = []

afterAll(() => {
  for (const proxy of opened.splice(0)) proxy.close()
})

/**
 * Opens a proxy that closes when the tests of the file are over.
 * @param certificate speaks TLS with it
 */
export async function startProxy(certificate?: Certificate): Promise<FakeProxy> {
  const proxy = await openProxy(certificate)
  opened.push(proxy)
  return proxy
}
