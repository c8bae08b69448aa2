import { callListener } from '../words/call-listener'
import type { SessionEvents } from './floating-session'

type Listener<Name extends keyof SessionEvents> = (event: SessionEvents[Name]) => unknown

/** The compiler keeps this list complete. */
const EVENT_NAMES: Record<keyof SessionEvents, true> = { renewed: true, trouble: true, lost: true, recovered: true }

/** The listeners of one session. A listener that throws harms neither the session nor the other listeners. */
export class SessionListeners {
  readonly #listeners: { [Name in keyof SessionEvents]: Set<Listener<Name>> } = {
    renewed: new Set(),
    trouble: new Set(),
    lost: new Set(),
    recovered: new Set(),
  }

  /** @throws {TypeError} for an unknown event name, or a listener that is no function */
  add<Name extends keyof SessionEvents>(name: Name, listener: Listener<Name>): () => void {
    if (!Object.hasOwn(EVENT_NAMES, name)) throw new TypeError(`unknown event: ${String(name)}`)
    if (typeof listener !== 'function') throw new TypeError('a listener must be a function')
    // The wrapper makes one function that is added twice two listeners.
    const added: Listener<Name> = (event) => listener(event)
    this.#listeners[name].add(added)
    return () => {
      this.#listeners[name].delete(added)
    }
  }

  /** Never throws, and leaves no rejection unhandled. */
  emit<Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]): void {
    for (const listener of [...this.#listeners[name]]) {
      callListener(listener, event, `"${name}" of a floating session`)
    }
  }
}
