import { RedisServer } from './redis-server'

/** One server for all tests that do it no harm; each test has a prefix of its own. */
export async function setup(project: { provide(key: 'redisUrl', url: string): void }): Promise<() => Promise<void>> {
  const server = await RedisServer.start()
  project.provide('redisUrl', server.url)
  return () => server.remove()
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly redisUrl: string
  }
}
