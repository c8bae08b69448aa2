import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readmeSection } from './documented'
import { type RunningServer, startListening } from './keyslot-process'

const LISTEN = 'app.listen(3000)'
const LISTEN_AND_TELL = `const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: \`http://127.0.0.1:\${server.address().port}/licensing\` }))
})`

/** The program of the README's "Your server" as it stands there. */
function program(): string {
  const [, code = ''] = /^```ts\n(.*?)^```/ms.exec(readmeSection('Your server')) ?? []
  return code
}

/** Starts the README's server in a folder, as a process of its own. */
export function startReadmeServer(folder: string): Promise<RunningServer<{ readonly url: string }>> {
  return startServerOf(program(), folder)
}

/** Starts a server as its code stands there, but for the port it takes. */
export function startServerOf(code: string, folder: string): Promise<RunningServer<{ readonly url: string }>> {
  if (!code.includes(LISTEN)) throw new Error(`the server has no ${LISTEN}`)
  const file = join(folder, 'server.mts')
  writeFileSync(file, code.replace(LISTEN, LISTEN_AND_TELL))
  return startListening(file, [], folder)
}
