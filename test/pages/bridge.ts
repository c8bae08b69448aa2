import { fake } from '../../examples/electron/fake-electron'
import type { Tab } from './chromium'

type Call = { readonly id: number; readonly name: string; readonly args: readonly unknown[] }
type Exposed = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

/** What Electron's `contextBridge` does: the page has functions of the same names, which hand copies over. */
const IN_PAGE = (names: readonly string[]) => `
  const waiting = new Map()
  const listeners = new Set()
  const call = (name) => (...args) => new Promise((resolve, reject) => {
    const id = waiting.size
    waiting.set(id, { resolve, reject })
    toMain(JSON.stringify({ id, name, args }))
  })
  window.fromMain = {
    resolve: (id, value) => waiting.get(id).resolve(value),
    reject: (id, message) => waiting.get(id).reject(new Error(message)),
    change: (view) => listeners.forEach((listener) => listener(view)),
  }
  window.license = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, call(name)]))
  window.license.onChange = (listener) => listeners.add(listener)
`

/**
 * Gives every page of a tab what the preload script has exposed, which must be loaded before.
 * @returns begins to tell pages of changes; to be called after each `resetElectron()`
 */
export async function connectBridge(tab: Tab): Promise<() => unknown> {
  const license = fake.exposed.get('license') as Exposed
  const source = `{${IN_PAGE(Object.keys(license))}}`
  await tab.send('Runtime.addBinding', { name: 'toMain' })
  await tab.send('Page.addScriptToEvaluateOnNewDocument', { source })

  // A page that has gone by now needs no answer.
  const tell = (expression: string, contextId?: unknown) =>
    tab.send('Runtime.evaluate', { expression, ...(contextId !== undefined && { contextId }) }).catch(() => undefined)
  const answer = async ({ id, name, args }: Call, contextId: unknown) => {
    const said = await Promise.resolve(license[name]?.(...args)).then(
      (value) => `fromMain.resolve(${id}, ${JSON.stringify(value)})`,
      (error) => `fromMain.reject(${id}, ${JSON.stringify(String(error))})`,
    )
    await tell(said, contextId)
  }
  tab.onEvent((method, { payload, executionContextId }) => {
    if (method === 'Runtime.bindingCalled') void answer(JSON.parse(String(payload)), executionContextId)
  })
  return () => license.onChange?.((view: unknown) => void tell(`fromMain.change(${JSON.stringify(view)})`))
}
