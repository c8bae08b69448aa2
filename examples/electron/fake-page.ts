import { readFile } from 'node:fs/promises'
import { createContext, runInContext } from 'node:vm'
import { fake } from './fake-electron'

type Handler = (event: { preventDefault(): void }) => unknown

/** The little of an element that the pages' scripts use. */
class FakeElement {
  textContent = ''
  hidden = false
  disabled = false
  readOnly = false
  /** Of a dialog. */
  open = false
  readonly dataset: { status?: string } = {}
  children: readonly FakeElement[] = []
  readonly #handlers: Handler[] = []

  addEventListener(_type: string, handler: Handler): void {
    this.#handlers.push(handler)
  }

  /** What a real browser is needed for: see `npm run test:pages`. */
  focus(): void {}

  select(): void {}

  showModal(): void {
    this.open = true
  }

  close(): void {
    this.open = false
  }

  append(...children: readonly FakeElement[]): void {
    this.children = [...this.children, ...children]
  }

  replaceChildren(...children: readonly FakeElement[]): void {
    this.children = children
  }

  /** Resolves when whatever the event set off is over. */
  async dispatch(): Promise<void> {
    await Promise.all(this.#handlers.map((handler) => handler({ preventDefault: () => undefined })))
  }
}

/** A page with its own script, beside the bridge that the preload script has exposed. */
export interface Page {
  /** The element a script finds with that selector. */
  element(selector: string): FakeElement
  /** What the person types into the form's one field. */
  type(text: string): void
}

/** Opens a page as Electron would: in a world of its own, in which there is nothing but the page and the bridge. */
export async function openPage(name: string): Promise<Page> {
  const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')
  const script = /<script src="([\w-]+\.js)"><\/script>/.exec(await read(name))?.[1] ?? ''
  const elements = new Map<string, FakeElement>()
  const element = (selector: string): FakeElement => {
    const found = elements.get(selector) ?? new FakeElement()
    elements.set(selector, found)
    return found
  }
  let typed = ''
  class FormData {
    get(): string {
      return typed
    }
  }
  const activeElement = new FakeElement()
  const document = { activeElement, querySelector: element, createElement: () => new FakeElement() }
  const world = { document, window: { license: fake.exposed.get('license') }, FormData }
  runInContext(await read(script), createContext(world))
  return {
    element,
    type(text) {
      typed = text
    },
  }
}
