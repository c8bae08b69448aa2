import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startListening } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../docs/frameworks.md', import.meta.url)), 'utf8')

it('the server without a framework runs as it is written, but for the port it takes', async () => {
  const [licensing = '', plain = ''] = [...DOCUMENT.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => code)
  const folder = scratchFolder()
  const tell = `.listen(0, '127.0.0.1', function () {
    console.log(JSON.stringify({ url: \`http://127.0.0.1:\${this.address().port}\` }))
  })`
  writeFileSync(join(folder, 'licensing.mjs'), licensing)
  expect(plain).toContain('.listen(3000)')
  const server = plain.replace('.listen(3000)', tell).replace('./licensing.js', './licensing.mjs')
  writeFileSync(join(folder, 'server.mjs'), server)
  const { line, stop } = await startListening<{ readonly url: string }>(join(folder, 'server.mjs'), [], folder)
  expect(await (await fetch(`${line.url}/licensing/healthz`)).json()).toEqual({ status: 'ok' })
  const refused = await fetch(`${line.url}/licensing/key/activate`, { method: 'POST' })
  expect(refused.headers.get('keyslot-error')).toBe('MISSING_AUTHORIZATION')
  expect(await (await fetch(`${line.url}/`)).text()).toBe('your app')
  await stop()
})
