import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Fixture } from '../server/http/harness'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** The memory of this process once it has tidied up, and what is in the service that may account for it. */
export async function describeMemory({ licensing }: Fixture): Promise<string> {
  collectGarbage()
  const { rss, heapUsed } = process.memoryUsage()
  const { licenses, customers, events } = licensing
  const none = { limit: 0 }
  const stored = [licenses.list({}, none), customers.list(none), events.list({}, none)]
  const [license, customer, event] = (await Promise.all(stored)).map(({ total }) => total)
  const kept = `${license} licenses, ${customer} customers and ${event} events stored`
  return `RSS ${Math.round(rss / 1e6)} MB, heap ${Math.round(heapUsed / 1e6)} MB, ${kept}`
}
