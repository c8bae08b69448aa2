import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fake } from '../../examples/electron/fake-electron'
import { connectBridge } from './bridge'
import { openTab, type Tab } from './chromium'

const PAGES = new URL('../../examples/electron/', import.meta.url)

export type Scheme = 'light' | 'dark'
export type Key = 'Tab' | 'Enter' | 'Escape'

const CODES = { Tab: 9, Enter: 13, Escape: 27 } as const

/** The app's window, as a person uses it: by keyboard, and reading what a screen reader would say. */
export class Window {
  /** What went wrong in pages: errors of scripts, and what the pages' own policy has refused. */
  readonly faults: string[] = []
  readonly #tab: Tab
  #loaded = () => {}
  #forwardChanges: () => unknown = () => undefined

  private constructor(tab: Tab) {
    this.#tab = tab
  }

  static async open(): Promise<Window> {
    const tab = await openTab()
    const window = new Window(tab)
    tab.onEvent((method, params) => window.#take(method, params))
    for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility', 'DOM']) await tab.send(`${domain}.enable`)
    await tab.send('Emulation.setFocusEmulationEnabled', { enabled: true })
    window.#forwardChanges = await connectBridge(tab)
    await window.resize(1000, 700)
    return window
  }

  #take(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === 'Page.loadEventFired') this.#loaded()
    const isError = (params.entry as { level?: string } | undefined)?.level === 'error'
    if (method === 'Runtime.exceptionThrown' || isError) this.faults.push(JSON.stringify(params))
  }

  /** Shows what the example's main process shows from now on; once after each `resetElectron()`. */
  follow(): void {
    fake.show = (page) => this.#show(page)
    this.#forwardChanges()
  }

  /** Shows nothing of the example any more. */
  async leave(): Promise<void> {
    await this.#show('about:blank')
  }

  async #show(page: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve
    })
    await this.#tab.send('Page.navigate', { url: new URL(page, PAGES).href })
    await loaded
  }

  /** What an expression is in the page. */
  async read(expression: string): Promise<unknown> {
    const answer = await this.#tab.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails))
    return (answer.result as { value?: unknown }).value
  }

  /** The visible text of an element, or of the whole page. */
  async text(selector = 'body'): Promise<string> {
    return String(await this.read(`document.querySelector(${JSON.stringify(selector)}).innerText`))
  }

  /** What the keyboard is at, as a screen reader names it: its role and its name. */
  async focused(): Promise<string> {
    const { result } = await this.#tab.send('Runtime.evaluate', { expression: 'document.activeElement' })
    const { objectId } = result as { objectId: string }
    const tree = await this.#tab.send('Accessibility.getPartialAXTree', { objectId, fetchRelatives: false })
    const [node] = tree.nodes as { role?: { value: string }; name?: { value: string } }[]
    return `${node?.role?.value}: ${node?.name?.value}`
  }

  async press(key: Key, { shift = false } = {}): Promise<void> {
    const text = key === 'Enter' ? { text: '\r' } : {}
    const stroke = { key, code: key, windowsVirtualKeyCode: CODES[key], modifiers: shift ? 8 : 0 }
    await this.#tab.send('Input.dispatchKeyEvent', { type: 'keyDown', ...stroke, ...text })
    await this.#tab.send('Input.dispatchKeyEvent', { type: 'keyUp', ...stroke })
  }

  /** Types where the keyboard is. */
  async type(text: string): Promise<void> {
    await this.#tab.send('Input.insertText', { text })
  }

  async resize(width: number, height: number): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 2, mobile: false }
    await this.#tab.send('Emulation.setDeviceMetricsOverride', metrics)
  }

  async useScheme(scheme: Scheme): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }]
    await this.#tab.send('Emulation.setEmulatedMedia', { features })
  }

  /** Keeps a picture in the folder that the run was given, if any. */
  async picture(name: string): Promise<void> {
    const folder = process.env.PICTURES
    if (folder === undefined) return
    await mkdir(folder, { recursive: true })
    const { data } = await this.#tab.send('Page.captureScreenshot', { format: 'png' })
    await writeFile(join(folder, `${name}.png`), String(data), 'base64')
  }

  async close(): Promise<void> {
    await this.#tab.close()
  }
}
